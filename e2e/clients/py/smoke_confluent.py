"""confluent-kafka for Python: librdkafka."""
import time
from common import CODECS, N, Seen, boot, factor, extra, in_a_day, run, topic, until, value
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, OffsetSpec, ResourceType

a = AdminClient({'bootstrap.servers': boot})


def done(futures): return [f.result() for f in futures.values()]


def exists(t): return t in a.list_topics(timeout=5).topics


def send(p, t, k, v, h=None):
    errors = []
    p.produce(t, key=k, value=v, headers=h, on_delivery=lambda e, m: e and errors.append(e)); p.poll(0); return errors


def consumer(g, **kw):
    return Consumer({'bootstrap.servers': boot, 'group.id': g, 'auto.offset.reset': 'earliest', 'enable.auto.commit': False, **kw})


def read_all(t, n, parts=2, **kw):
    c = consumer('none', **kw); c.assign([TopicPartition(t, p, 0) for p in range(parts)])
    out, last, end = [], time.time(), time.time() + 30
    while time.time() < end and (len(out) < n or time.time() - last < 1.5):
        m = c.poll(.3)
        if m is not None: assert not m.error(), m.error(); out.append(m); last = time.time()
    c.close(); return out


def admin():
    done(a.create_topics([NewTopic(topic, 3, factor), NewTopic(topic + '-d', 1, factor)]))
    change = ConfigEntry('retention.ms', '3600000', incremental_operation=AlterConfigOpType.SET)
    done(a.incremental_alter_configs([ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[change])]))
    until(lambda: done(a.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]))[0]['retention.ms'].value == '3600000')
    done(a.create_partitions([NewPartitions(topic, 4)]))
    until(lambda: len(a.list_topics(topic, 5).topics[topic].partitions) == 4)
    done(a.delete_topics([topic + '-d']))
    until(lambda: not exists(topic + '-d'))


def produce():
    global mid
    for n, codec in enumerate(CODECS):
        if n == 3: time.sleep(.05); mid = int(time.time() * 1000); time.sleep(.05)
        p = Producer({'bootstrap.servers': boot, 'acks': 'all', 'linger.ms': 5, 'compression.type': codec})
        e = [send(p, topic, f'k{i}', value(codec, i), [('codec', codec), ('i', str(i))]) for i in range(N)]
        assert p.flush(60) == 0 and not any(e)


def group():
    seen = Seen()
    for goal in (2500, 5000):
        c = consumer(topic + '-g', **extra); c.subscribe([topic]); end = time.time() + 60
        while len(seen) < goal:
            assert time.time() < end, f'only {len(seen)} of {goal}'
            for m in c.consume(500, .5):
                assert not m.error(), m.error()
                seen.add(dict(m.headers()), m.key(), m.value())
        c.commit(asynchronous=False); c.close()
    assert len(seen) == 5000, len(seen)


def timestamps():
    c = consumer('none')
    def offsets(t): return [x.offset for x in c.offsets_for_times([TopicPartition(topic, p, t) for p in range(4)], 10)]
    assert sum(offsets(mid)) == 3000, offsets(mid)
    assert sum(offsets(0)) == 0 and all(x == -1 for x in offsets(in_a_day()))
    assert sum(c.get_watermark_offsets(TopicPartition(topic, p), 10)[1] for p in range(4)) == 5000
    c.close()
    latest = done(a.list_offsets({TopicPartition(topic, p): OffsetSpec.latest() for p in range(4)}))
    assert sum(x.offset for x in latest) == 5000
    g = done(a.describe_consumer_groups([topic + '-g']))[0]; assert g.state.name == 'EMPTY', g.state
    committed = done(a.list_consumer_group_offsets([ConsumerGroupTopicPartitions(topic + '-g')]))[0]
    assert sum(x.offset for x in committed.topic_partitions) == 5000


def idempotent():
    t = topic + '-i'; done(a.create_topics([NewTopic(t, 2, factor)])); until(lambda: exists(t))
    p = Producer({'bootstrap.servers': boot, 'enable.idempotence': True})
    e = [send(p, t, str(i), 'v') for i in range(100)]; assert p.flush(30) == 0 and not any(e)
    assert sorted(int(m.key()) for m in read_all(t, 100)) == list(range(100))
    done(a.delete_topics([t]))


def txn():
    t = topic + '-t'; done(a.create_topics([NewTopic(t, 2, factor)])); until(lambda: exists(t))
    p = Producer({'bootstrap.servers': boot, 'transactional.id': topic + '-x'}); p.init_transactions(30)
    cg = consumer(topic + '-tg')
    def tx(k, commit, offsets=False):
        p.begin_transaction()
        for i in range(10): p.produce(t, key=str(i), value=k)
        if offsets: p.send_offsets_to_transaction([TopicPartition(topic, 0, 7)], cg.consumer_group_metadata(), 30)
        if commit: p.commit_transaction(30)
        else: p.flush(10); p.abort_transaction(30)
    tx('a', True); tx('b', False); tx('c', True, True)
    rc = read_all(t, 20, **{'isolation.level': 'read_committed'}); ru = read_all(t, 30, **{'isolation.level': 'read_uncommitted'})
    assert sorted(m.value() for m in rc) == [b'a'] * 10 + [b'c'] * 10, len(rc)
    assert len(ru) == 30, len(ru)
    assert cg.committed([TopicPartition(topic, 0)], 10)[0].offset == 7; cg.close()
    done(a.delete_topics([t]))


run(admin, produce, group, timestamps, idempotent, txn)
