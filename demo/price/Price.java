import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** The price list: GET /price/<item> answers after looking it up, which takes 3 ms. PORT: where to listen. */
public final class Price {
  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(System.getenv("PORT"));
    // 128: a burst of customers waits its turn instead of being refused.
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128);
    server.setExecutor(Executors.newFixedThreadPool(8));
    server.createContext("/price/", exchange -> {
      lookUp();
      String item = exchange.getRequestURI().getPath().substring("/price/".length());
      String answer = "{\"item\":\"" + item + "\",\"cents\":" + 100 * item.length() + "}";
      byte[] body = answer.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }

  private static void lookUp() {
    try {
      Thread.sleep(3);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
