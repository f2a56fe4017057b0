import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.*;

/** Smoke BOOTSTRAP TOPIC [consumer-property=value ...]: SPEC.md with the Java client; compiles against kafka-clients 2.8 and later. */
public class Smoke {
    static String phase = "start", boot, topic;
    /** Replicas of the topics it creates. */
    static final short FACTOR = Short.parseShort(System.getenv().getOrDefault("FACTOR", "1"));
    static final Map<String, Object> extra = new HashMap<>();
    static Admin a;
    static long mid;

    interface Phase { void run() throws Exception; }
    static void check(boolean b, Object why) { if (!b) throw new IllegalStateException(String.valueOf(why)); }
    static void await(Callable<Boolean> f) throws Exception {
        long end = System.currentTimeMillis() + 15000;
        while (true) {
            try { if (f.call()) return; } catch (ExecutionException e) { /* not there yet */ }
            check(System.currentTimeMillis() < end, "timed out");
            Thread.sleep(100);
        }
    }
    @SuppressWarnings("unchecked")
    static int parts(Admin a, String t) throws Exception {   // values() became topicNameValues() in 3.1 and left in 4.0
        DescribeTopicsResult d = a.describeTopics(List.of(t));
        java.lang.reflect.Method m;
        try { m = d.getClass().getMethod("topicNameValues"); } catch (NoSuchMethodException e) { m = d.getClass().getMethod("values"); }
        return ((Map<String, org.apache.kafka.common.KafkaFuture<TopicDescription>>) m.invoke(d)).get(t).get().partitions().size();
    }
    static String value(String codec, int i) {
        StringBuilder s = new StringBuilder(codec + "-" + i + "-");
        while (s.length() < 100) s.append('x');
        return s.toString();
    }
    static KafkaProducer<String, String> producer(Object... kv) {
        Map<String, Object> m = new HashMap<>(Map.of("bootstrap.servers", boot, "acks", "all", "linger.ms", 5));
        for (int i = 0; i < kv.length; i += 2) m.put((String) kv[i], kv[i + 1]);
        return new KafkaProducer<>(m, new StringSerializer(), new StringSerializer());
    }
    static KafkaConsumer<String, String> consumer(String group, Object... kv) {
        Map<String, Object> m = new HashMap<>(Map.of("bootstrap.servers", boot, "group.id", group, "auto.offset.reset", "earliest", "enable.auto.commit", false));
        m.putAll(extra);
        for (int i = 0; i < kv.length; i += 2) m.put((String) kv[i], kv[i + 1]);
        return new KafkaConsumer<>(m, new StringDeserializer(), new StringDeserializer());
    }
    static List<ConsumerRecord<String, String>> readAll(String t, int n, String isolation) {
        List<ConsumerRecord<String, String>> out = new ArrayList<>();
        try (KafkaConsumer<String, String> c = consumer("none", "isolation.level", isolation)) {
            List<TopicPartition> tps = List.of(new TopicPartition(t, 0), new TopicPartition(t, 1));
            c.assign(tps); c.seekToBeginning(tps);
            long end = System.currentTimeMillis() + 30000, last = System.currentTimeMillis();
            while (System.currentTimeMillis() < end && (out.size() < n || System.currentTimeMillis() - last < 1500)) {
                for (ConsumerRecord<String, String> r : c.poll(Duration.ofMillis(300))) { out.add(r); last = System.currentTimeMillis(); }
            }
        }
        return out;
    }
    static final Map<String, Integer> seen = new HashMap<>();
    static void consume(int until) {
        try (KafkaConsumer<String, String> c = consumer(topic + "-g")) {
            c.subscribe(List.of(topic));
            long end = System.currentTimeMillis() + 60000;
            while (seen.size() < until) {
                check(System.currentTimeMillis() < end, "only " + seen.size() + " of " + until);
                ConsumerRecords<String, String> rs = c.poll(Duration.ofMillis(500));
                for (ConsumerRecord<String, String> r : rs) {
                    String codec = new String(r.headers().lastHeader("codec").value());
                    int i = Integer.parseInt(new String(r.headers().lastHeader("i").value()));
                    check(r.key().equals("k" + i) && r.value().equals(value(codec, i)), "content of " + r);
                    check(seen.put(codec + i, 1) == null, "twice: " + codec + i);
                }
                if (!rs.isEmpty()) c.commitSync();
            }
        }
    }
    static void admin() throws Exception {
        a = Admin.create(Map.of("bootstrap.servers", boot));
        a.createTopics(List.of(new NewTopic(topic, 3, FACTOR), new NewTopic(topic + "-d", 1, FACTOR))).all().get();
        ConfigResource r = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        a.incrementalAlterConfigs(Map.of(r, List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "3600000"), AlterConfigOp.OpType.SET)))).all().get();
        await(() -> a.describeConfigs(List.of(r)).all().get().get(r).get("retention.ms").value().equals("3600000"));
        a.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all().get();
        await(() -> parts(a, topic) == 4);
        a.deleteTopics(List.of(topic + "-d")).all().get();
        await(() -> !a.listTopics().names().get().contains(topic + "-d"));
    }
    static void produce() throws Exception {
        int n = 0;
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            if (n++ == 3) { Thread.sleep(50); mid = System.currentTimeMillis(); Thread.sleep(50); }
            try (KafkaProducer<String, String> p = producer("compression.type", codec, "enable.idempotence", false)) {
                List<Future<RecordMetadata>> fs = new ArrayList<>();
                for (int i = 0; i < 1000; i++) {
                    ProducerRecord<String, String> x = new ProducerRecord<>(topic, "k" + i, value(codec, i));
                    x.headers().add(new RecordHeader("codec", codec.getBytes())).add(new RecordHeader("i", ("" + i).getBytes()));
                    fs.add(p.send(x));
                }
                p.flush();
                for (Future<RecordMetadata> f : fs) f.get();
            }
        }
    }
    static void group() throws Exception {
        consume(2500); consume(5000);
        check(seen.size() == 5000, seen.size());
    }
    static void timestamps() throws Exception {
        try (KafkaConsumer<String, String> c = consumer("none")) {
            List<TopicPartition> tps = IntStream.range(0, 4).mapToObj(i -> new TopicPartition(topic, i)).collect(Collectors.toList());
            check(c.offsetsForTimes(tps.stream().collect(Collectors.toMap(x -> x, x -> mid))).values().stream().mapToLong(o -> o.offset()).sum() == 3000, "mid");
            check(c.offsetsForTimes(tps.stream().collect(Collectors.toMap(x -> x, x -> 0L))).values().stream().mapToLong(o -> o.offset()).sum() == 0, "zero");
            check(c.offsetsForTimes(tps.stream().collect(Collectors.toMap(x -> x, x -> mid + 86400000))).values().stream().allMatch(Objects::isNull), "future");
            check(c.endOffsets(tps).values().stream().mapToLong(x -> x).sum() == 5000, "end");
        }
        check(a.listConsumerGroupOffsets(topic + "-g").partitionsToOffsetAndMetadata().get().values().stream().mapToLong(o -> o.offset()).sum() == 5000, "committed");
    }
    static void idempotent() throws Exception {
        String ti = topic + "-i";
        a.createTopics(List.of(new NewTopic(ti, 2, FACTOR))).all().get();
        await(() -> parts(a, ti) == 2);
        try (KafkaProducer<String, String> p = producer("enable.idempotence", true)) {
            for (int i = 0; i < 100; i++) p.send(new ProducerRecord<>(ti, "" + i, "v"));
            p.flush();
        }
        List<String> ks = readAll(ti, 100, "read_uncommitted").stream().map(ConsumerRecord::key).collect(Collectors.toList());
        check(ks.size() == 100 && new HashSet<>(ks).size() == 100, ks.size());
    }
    static void txn() throws Exception {
        String tt = topic + "-t";
        a.createTopics(List.of(new NewTopic(tt, 2, FACTOR))).all().get();
        await(() -> parts(a, tt) == 2);
        try (KafkaProducer<String, String> p = producer("transactional.id", topic + "-x"); KafkaConsumer<String, String> cg = consumer(topic + "-tg")) {
            p.initTransactions();
            for (String k : List.of("a", "b", "c")) {
                p.beginTransaction();
                for (int i = 0; i < 10; i++) p.send(new ProducerRecord<>(tt, "" + i, k));
                if (k.equals("c")) p.sendOffsetsToTransaction(Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(7)), new ConsumerGroupMetadata(topic + "-tg"));
                if (k.equals("b")) { p.flush(); p.abortTransaction(); } else p.commitTransaction();
            }
            String rc = readAll(tt, 20, "read_committed").stream().map(ConsumerRecord::value).sorted().collect(Collectors.joining());
            check(rc.equals("aaaaaaaaaacccccccccc"), rc);
            int ru = readAll(tt, 30, "read_uncommitted").size();
            check(ru == 30, ru);
            TopicPartition tp = new TopicPartition(topic, 0);
            OffsetAndMetadata o = cg.committed(Set.of(tp)).get(tp);
            check(o != null && o.offset() == 7, o);
        }
    }
    public static void main(String[] args) {
        boot = args[0]; topic = args[1];
        for (int i = 2; i < args.length; i++) extra.put(args[i].split("=")[0], args[i].split("=")[1]);
        Map<String, Phase> phases = new LinkedHashMap<>();
        phases.put("admin", Smoke::admin);
        phases.put("produce", Smoke::produce);
        phases.put("group", Smoke::group);
        phases.put("timestamps", Smoke::timestamps);
        phases.put("idempotent", Smoke::idempotent);
        phases.put("txn", Smoke::txn);
        String wanted = System.getenv("PHASES");
        try {
            for (Map.Entry<String, Phase> p : phases.entrySet()) {
                if (wanted != null && !Arrays.asList(wanted.split(",")).contains(p.getKey())) continue;
                phase = p.getKey();
                System.err.println(phase);
                p.getValue().run();
            }
            System.exit(0);
        } catch (Throwable e) { e.printStackTrace(); System.out.println(phase + ": " + e); System.exit(1); }
    }
}
