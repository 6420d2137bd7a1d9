// A small HTTP/1.1 service on the JDK's own server; the routes are those of service.py. usage: java Service LOG [HOST]

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.Executors;

public class Service {
  private static final byte[] BIG = new byte[1 << 20];
  private static final int NO_BODY = -1;
  private static final int CHUNKED = 0;

  public static void main(String[] arguments) throws IOException {
    Arrays.fill(BIG, (byte) 'b');
    FileOutputStream log = new FileOutputStream(arguments[0], true);
    String host = arguments.length > 1 ? arguments[1] : "127.0.0.1";
    HttpServer server = HttpServer.create(new InetSocketAddress(host, 0), 256);
    server.setExecutor(Executors.newFixedThreadPool(16));
    server.createContext("/", exchange -> answer(exchange, log));
    server.start();
    System.out.println("port " + server.getAddress().getPort());
  }

  private static void answer(HttpExchange exchange, FileOutputStream log) throws IOException {
    byte[] requestBody = exchange.getRequestBody().readAllBytes();
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    String[] words = path.split("/");
    int status = words[1].equals("status") ? Integer.parseInt(words[2]) : 200;
    if (words[1].equals("slow")) pause(Integer.parseInt(words[2]));
    if (words[1].equals("close")) exchange.getResponseHeaders().set("Connection", "close");
    byte[] line = (ProcessHandle.current().pid() + " " + method + " " + path + " " + status + "\n").getBytes();
    synchronized (log) {
      log.write(line);
    }
    byte[] body = method.equals("POST") ? requestBody : words[1].equals("big") ? BIG : "ok\n".getBytes();
    if (status == 204 || status == 304) {
      exchange.sendResponseHeaders(status, NO_BODY);
    } else if (method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
      exchange.sendResponseHeaders(status, NO_BODY);
    } else if (words[1].equals("chunked")) {
      exchange.sendResponseHeaders(status, CHUNKED);
      sendPieces(exchange.getResponseBody());
    } else {
      exchange.sendResponseHeaders(status, body.length == 0 ? NO_BODY : body.length);
      if (body.length > 0) exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  private static void sendPieces(OutputStream out) throws IOException {
    for (String piece : new String[] {"one", "two".repeat(400), "three"}) {
      out.write(piece.getBytes());
      out.flush();
    }
  }

  private static void pause(int milliseconds) throws IOException {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
