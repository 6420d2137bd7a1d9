// The JDK's HttpServer with a fixed pool of POOL threads. The plan is that of plan.py. CALLS says who makes the calls:
//   own      the handler's thread, HttpURLConnection (par: by the second pool)
//   pool     a second pool of POOL2 threads, HttpURLConnection; the handler waits
//   client   the handler's thread, java.net.http's send (par: sendAsync)
//   async    java.net.http's sendAsync in a chain; nobody waits, the last completion answers
//   virtual  a virtual thread per request and per call of par, where the JDK has them

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

public class Service {
  static final Map<String, String> ENV = System.getenv();
  static final String[] NEXT = ENV.get("NEXT").split(",");
  static final String CALLS = ENV.getOrDefault("CALLS", "own");
  static final boolean HARD = "1".equals(ENV.get("HARD"));
  static final double WORK_MS = Double.parseDouble(ENV.get("WORK_MS"));
  static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  static ExecutorService handlers = Executors.newFixedThreadPool(number("POOL", 64));
  static ExecutorService callers = Executors.newFixedThreadPool(number("POOL2", 8));

  static int number(String name, int otherwise) {
    return Integer.parseInt(ENV.getOrDefault(name, "" + otherwise));
  }

  static long workNs() {
    return (long) (1e6 * WORK_MS * (HARD ? 0.2 + 1.6 * ThreadLocalRandom.current().nextDouble() : 1));
  }

  static void sleep(long ns) {
    try {
      TimeUnit.NANOSECONDS.sleep(ns);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static HttpRequest request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).build();
  }

  static void call(String url) {
    try {
      if (CALLS.equals("client")) {
        CLIENT.send(request(url), BodyHandlers.ofByteArray());
        return;
      }
      try (InputStream in = URI.create(url).toURL().openConnection().getInputStream()) {
        in.readAllBytes();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static CompletableFuture<?> callLater(String url) {
    if (CALLS.equals("client") || CALLS.equals("async")) return CLIENT.sendAsync(request(url), BodyHandlers.ofByteArray());
    return CompletableFuture.runAsync(() -> call(url), callers);
  }

  static CompletableFuture<?> all(List<String> urls) {
    return CompletableFuture.allOf(urls.stream().map(Service::callLater).toArray(CompletableFuture[]::new));
  }

  static List<String> urls(String route, long number) {
    int count = route.equals("none") ? 0 : route.equals("one") ? 1 : NEXT.length;
    List<String> urls = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      number = number * 48271 % Integer.MAX_VALUE;
      if (!HARD || ThreadLocalRandom.current().nextInt(3) > 0) urls.add(NEXT[k] + "/r/" + number);
    }
    return urls;
  }

  static void answer(HttpExchange exchange) {
    try {
      exchange.sendResponseHeaders(200, 3);
      exchange.getResponseBody().write("ok\n".getBytes());
      exchange.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void handle(HttpExchange exchange) {
    String[] words = exchange.getRequestURI().getPath().split("/");
    boolean atOnce = words[1].equals("par");
    List<String> urls = urls(words[1], Long.parseLong(words[2]));
    sleep(workNs());
    if (CALLS.equals("async")) {
      chain(atOnce, urls).thenRunAsync(() -> answer(exchange), CompletableFuture.delayedExecutor(workNs(), TimeUnit.NANOSECONDS));
      return;
    }
    if (atOnce) all(urls).join();
    else for (String url : urls) {
      if (CALLS.equals("pool")) callLater(url).join();
      else call(url);
    }
    sleep(workNs());
    answer(exchange);
  }

  static CompletableFuture<?> chain(boolean atOnce, List<String> urls) {
    if (atOnce) return all(urls);
    CompletableFuture<?> last = CompletableFuture.completedFuture(null);
    for (String url : urls) last = last.thenCompose(done -> callLater(url));
    return last;
  }

  static void background() {
    while (true) {
      sleep(4_000_000 + ThreadLocalRandom.current().nextInt(8_000_000));
      callLater(NEXT[0] + "/r/" + ThreadLocalRandom.current().nextInt(1, 100_000));
    }
  }

  public static void main(String[] arguments) throws Exception {
    System.setProperty("http.maxConnections", "256");
    if (CALLS.equals("virtual")) {
      handlers = (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
      callers = handlers;
    }
    if ("1".equals(ENV.get("BACKGROUND"))) new Thread(Service::background).start();
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", number("PORT", 0)), 1024);
    server.setExecutor(handlers);
    server.createContext("/", Service::handle);
    server.start();
  }
}
