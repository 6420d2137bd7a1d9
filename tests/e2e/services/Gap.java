// gap.py on the JDK's own server and client, with a connection for each call. usage: java -Dhttp.keepAlive=false Gap LOG HOST [UPSTREAM_PORT]

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.concurrent.Executors;

public class Gap {
  public static void main(String[] arguments) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(arguments[1], 0), 256);
    server.setExecutor(Executors.newFixedThreadPool(16));
    server.createContext("/", exchange -> answer(exchange, arguments));
    server.start();
    System.out.println("port " + server.getAddress().getPort());
  }

  private static void answer(HttpExchange exchange, String[] arguments) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String target = arguments.length > 2 ? arguments[2] + path : onward(path);
    int status = 200;
    byte[] body = "ok\n".getBytes();
    if (target != null) {
      HttpURLConnection call = (HttpURLConnection) new URL("http://" + arguments[1] + ":" + target).openConnection();
      status = call.getResponseCode();
      body = call.getInputStream().readAllBytes();
    }
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Port and path of whom to ask, as onward.py has it; null at the end. */
  private static String onward(String path) {
    String[] words = path.split("/", 4);  // "", NAME, PORT, the others
    if (words.length < 3) return null;
    return words[2] + "/" + words[1] + (words.length == 4 ? "/" + words[3] : "");
  }
}
