// gap.py on the JDK's own server and client, with a connection for each call. usage: java Gap LOG HOST UPSTREAM_PORT

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.concurrent.Executors;

public class Gap {
  public static void main(String[] arguments) throws IOException {
    String upstream = "http://" + arguments[1] + ":" + arguments[2];
    HttpServer server = HttpServer.create(new InetSocketAddress(arguments[1], 0), 256);
    server.setExecutor(Executors.newFixedThreadPool(16));
    server.createContext("/", exchange -> answer(exchange, upstream));
    server.start();
    System.out.println("port " + server.getAddress().getPort());
  }

  private static void answer(HttpExchange exchange, String upstream) throws IOException {
    HttpURLConnection call = (HttpURLConnection) new URL(upstream + exchange.getRequestURI().getPath()).openConnection();
    call.setRequestProperty("Connection", "close");
    byte[] body = call.getInputStream().readAllBytes();
    exchange.sendResponseHeaders(call.getResponseCode(), body.length == 0 ? -1 : body.length);
    if (body.length > 0) exchange.getResponseBody().write(body);
    exchange.close();
  }
}
