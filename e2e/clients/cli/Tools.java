/**
 * Runs Kafka's command-line tools inside one JVM, because each start of a JVM costs a second: reads jobs from standard input, a JSON
 * object a line, and answers each with one. What a tool prints (both streams, as a terminal would show them), reads and makes of
 * its exit is kept apart by the thread it runs in, which its own threads inherit; so a job may go on while others run.
 *
 *   {"id", "tool": class, "args": [...], "stdin": text, "until": regex, "limitMs", "background": bool, "only": regex}
 *     answered when the tool ends, or when what it printed matches `until`: then it is stopped as by SIGTERM, or goes on if background;
 *     with `only`, nothing is kept of it but the lines in which that is found
 *   {"id", "stop": id of a job}    ends it as SIGTERM would, and answers with all that it printed
 *   answer: {"id", "status": exit status, or "stopped", "late", "running", "output"}
 */
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.*;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;
import java.util.regex.Pattern;
import org.apache.kafka.common.utils.Exit;

public class Tools {
  static final class Ended extends Error {
    Ended() { super("exit", null, false, false); }
  }

  /** One run of a tool. */
  static final class Job {
    final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    final List<Runnable> hooks = new CopyOnWriteArrayList<>();
    final CompletableFuture<Integer> ended = new CompletableFuture<>();
    InputStream stdin = InputStream.nullInputStream();
    Thread thread;
    volatile boolean mute;
    Pattern only;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    synchronized void print(byte[] bytes, int from, int count) {
      if (only == null) { printed.write(bytes, from, count); return; }
      for (int i = from; i < from + count; i++) {
        line.write(bytes[i]);
        if (bytes[i] != '\n') continue;
        if (only.matcher(line.toString(StandardCharsets.UTF_8)).find()) printed.writeBytes(line.toByteArray());
        line.reset();
      }
    }

    /** As a process that exits: the first status counts, the hooks run, and nothing is printed any more. */
    void end(int status) {
      if (ended.isDone()) return;
      runHooks();
      mute = true;
      ended.complete(status);
    }
    /** Each in a thread of its own, as the JVM does. */
    void runHooks() {
      List<Thread> threads = new ArrayList<>();
      for (Runnable hook : hooks) {
        Thread t = new Thread(() -> { current.set(this); hook.run(); });
        t.setDaemon(true);
        threads.add(t);
        t.start();
      }
      hooks.clear();
      for (Thread t : threads) {
        try { t.join(5_000); } catch (InterruptedException e) { return; }
      }
    }
    synchronized String text() { return printed.toString(StandardCharsets.UTF_8); }
  }

  static final InheritableThreadLocal<Job> current = new InheritableThreadLocal<>();
  static final Map<Integer, Job> running = new ConcurrentHashMap<>();
  static final ObjectMapper json = new ObjectMapper();
  static PrintStream answers;

  static final class Router extends OutputStream {
    @Override public void write(int b) { write(new byte[] {(byte) b}, 0, 1); }
    @Override public void write(byte[] bytes, int from, int count) {
      Job job = current.get();
      if (job == null || job.mute) return;
      job.print(bytes, from, count);
    }
  }

  public static void main(String[] args) throws Exception {
    answers = System.out;
    InputStream orders = System.in;
    System.setOut(new PrintStream(new Router(), true, "UTF-8"));
    System.setErr(new PrintStream(new Router(), true, "UTF-8"));
    System.setIn(new InputStream() {
      private InputStream of() { Job job = current.get(); return job == null ? InputStream.nullInputStream() : job.stdin; }
      @Override public int read() throws IOException { return of().read(); }
      @Override public int read(byte[] b, int from, int count) throws IOException { return of().read(b, from, count); }
      @Override public int available() throws IOException { return of().available(); }
    });
    Exit.Procedure exit = (status, message) -> {
      Job job = current.get();
      if (message != null) System.err.println(message);
      if (job != null) job.end(status);
      throw new Ended();
    };
    Exit.setExitProcedure(exit);
    Exit.setHaltProcedure(exit);
    Exit.setShutdownHookAdder((name, hook) -> { Job job = current.get(); if (job != null) job.hooks.add(hook); });

    BufferedReader lines = new BufferedReader(new InputStreamReader(orders, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode order = json.readTree(line);
      Thread t = new Thread(() -> obey(order));
      t.setDaemon(true);
      t.start();
    }
    Runtime.getRuntime().halt(0);
  }

  static void obey(JsonNode order) {
    int id = order.get("id").asInt();
    if (order.has("stop")) {
      Job job = running.remove(order.get("stop").asInt());
      if (job == null) { answer(id, "unknown", ""); return; }
      answer(id, stop(job), job.text());
      return;
    }
    Job job = new Job();
    running.put(id, job);
    job.stdin = new ByteArrayInputStream(order.path("stdin").asText("").getBytes(StandardCharsets.UTF_8));
    if (order.has("only")) job.only = Pattern.compile(order.get("only").asText());
    String[] args = json.convertValue(order.get("args"), String[].class);
    job.thread = new Thread(() -> {
      current.set(job);
      try {
        Class.forName(order.get("tool").asText()).getMethod("main", String[].class).invoke(null, (Object) args);
        job.end(0);
      } catch (InvocationTargetException e) {
        if (!(e.getCause() instanceof Ended) && !job.ended.isDone()) {
          System.err.println("Exception in thread \"main\" " + e.getCause());
          job.end(1);
        }
      } catch (ReflectiveOperationException e) {
        System.err.println(e);
        job.end(-1);
      }
    }, "main");
    job.thread.setDaemon(true);
    job.thread.start();

    long end = System.nanoTime() + order.path("limitMs").asLong(60_000) * 1_000_000;
    Pattern until = order.has("until") ? Pattern.compile(order.get("until").asText()) : null;
    for (;;) {
      try {
        answer(id, job.ended.get(20, TimeUnit.MILLISECONDS), job.text());
        running.remove(id);
        return;
      } catch (TimeoutException e) {
        boolean seen = until != null && until.matcher(job.text()).find();
        if (seen && order.path("background").asBoolean()) { answer(id, "running", job.text()); return; }
        if (!seen && System.nanoTime() < end) continue;
        String how = stop(job);
        answer(id, seen ? how : "late", job.text());
        running.remove(id);
        return;
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** SIGTERM: the hooks run, and what they woke may finish. (A hook alone may return early: a latch of the class knows only its first run.) */
  static String stop(Job job) {
    if (job.ended.isDone()) return String.valueOf(job.ended.join());
    job.runHooks();
    try { job.thread.join(5_000); } catch (InterruptedException e) { throw new IllegalStateException(e); }
    job.mute = true;
    job.ended.complete(143);
    job.thread.interrupt();
    return "stopped";
  }

  static synchronized void answer(int id, Object status, String output) {
    try {
      answers.println(json.writeValueAsString(Map.of("id", id, "status", String.valueOf(status), "output", output)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
