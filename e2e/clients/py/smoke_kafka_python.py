"""kafka-python, 2.0.2 (message-set era, no idempotence) and 3.x."""
import time
import kafka
from common import CODECS, N, Seen, boot, factor, in_a_day, run, topic, until, value
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.structs import OffsetAndMetadata

V3 = not kafka.__version__.startswith('2.0')
connected = []


def admin_client():
    if not connected: connected.append(KafkaAdminClient(bootstrap_servers=boot))
    return connected[0]


def read_all(t, n, secs=30, **kw):
    c = KafkaConsumer(bootstrap_servers=boot, auto_offset_reset='earliest', enable_auto_commit=False, **kw)
    c.assign([TopicPartition(t, p) for p in c.partitions_for_topic(t)]); c.seek_to_beginning()
    out, last, end = [], time.time(), time.time() + secs
    while time.time() < end and (len(out) < n or time.time() - last < 1.5):
        for rs in c.poll(timeout_ms=300).values():
            out += rs; last = time.time()
    c.close(); return out


def admin():
    a = admin_client()
    a.create_topics([NewTopic(topic, 3, factor)])
    a.create_topics([NewTopic(topic + '-d', 1, factor)])
    def resource(configs=None): return ConfigResource(ConfigResourceType.TOPIC, topic, configs=configs)
    a.alter_configs([resource({'retention.ms': '3600000'})])
    def altered():
        r = a.describe_configs([resource()])
        if V3: return "'retention.ms'" in str(r) and '3600000' in str(r)
        return any(e[0] == 'retention.ms' and e[1] == '3600000' for answer in r for res in answer.resources for e in res[4])
    until(altered)
    a.create_partitions({topic: NewPartitions(4)})
    until(lambda: len(a.describe_topics([topic])[0]['partitions']) == 4)
    a.delete_topics([topic + '-d'])
    until(lambda: (topic + '-d') not in str(a.list_topics()))


def produce():
    global mid
    for n, codec in enumerate(CODECS):
        if n == 3: time.sleep(.05); mid = int(time.time() * 1000); time.sleep(.05)
        p = KafkaProducer(bootstrap_servers=boot, acks='all', linger_ms=5, compression_type=None if codec == 'none' else codec,
                          **({'enable_idempotence': False} if V3 else {}))
        fs = [p.send(topic, key=f'k{i}'.encode(), value=value(codec, i).encode(),
                     headers=[('codec', codec.encode()), ('i', str(i).encode())]) for i in range(N)]
        p.flush(60); assert all(f.get(1).offset >= 0 for f in fs); p.close()


def group():
    seen = Seen()
    for goal in (2500, 5000):
        c = KafkaConsumer(topic, bootstrap_servers=boot, group_id=topic + '-g', auto_offset_reset='earliest',
                          enable_auto_commit=False, max_poll_records=500)
        end = time.time() + 60
        while len(seen) < goal:
            assert time.time() < end, f'only {len(seen)} of {goal}'
            for rs in c.poll(timeout_ms=500).values():
                for r in rs: seen.add(dict(r.headers), r.key, r.value)
            if len(seen): c.commit()
        c.close()
    assert len(seen) == 5000, len(seen)


def timestamps():
    c = KafkaConsumer(bootstrap_servers=boot, group_id=topic + '-g', enable_auto_commit=False)
    tps = [TopicPartition(topic, p) for p in range(4)]
    assert c.partitions_for_topic(topic) == set(range(4))
    def offsets(t): return [x and x.offset for x in c.offsets_for_times({tp: t for tp in tps}).values()]
    assert sum(offsets(mid)) == 3000, offsets(mid)
    assert sum(offsets(0)) == 0
    assert all(x is None or x < 0 for x in offsets(in_a_day()))
    assert sum(c.end_offsets(tps).values()) == 5000 and sum(c.beginning_offsets(tps).values()) == 0
    assert sum(c.committed(tp) for tp in tps) == 5000
    c.close()


def idempotent():
    t = topic + '-i'; admin_client().create_topics([NewTopic(t, 2, factor)])
    p = KafkaProducer(bootstrap_servers=boot, enable_idempotence=True, acks='all')
    fs = [p.send(t, key=b'%d' % i, value=b'v%d' % i) for i in range(100)]; p.flush(30); [f.get(1) for f in fs]; p.close()
    assert sorted(int(r.key) for r in read_all(t, 100)) == list(range(100))
    admin_client().delete_topics([t])


def txn():
    t = topic + '-t'; admin_client().create_topics([NewTopic(t, 2, factor)])
    p = KafkaProducer(bootstrap_servers=boot, transactional_id=topic + '-x'); p.init_transactions()
    def tx(k, commit, offsets=False):
        p.begin_transaction()
        for i in range(10): p.send(t, key=b'%d' % i, value=k)
        if offsets: p.send_offsets_to_transaction({TopicPartition(topic, 0): OffsetAndMetadata(7, '', -1)}, topic + '-tg')
        p.commit_transaction() if commit else (p.flush(), p.abort_transaction())
    tx(b'a', True); tx(b'b', False); tx(b'c', True, True); p.close()
    rc = read_all(t, 20, isolation_level='read_committed'); ru = read_all(t, 30)
    assert sorted(r.value for r in rc) == [b'a'] * 10 + [b'c'] * 10, len(rc)
    assert len(ru) == 30, len(ru)
    c = KafkaConsumer(bootstrap_servers=boot, group_id=topic + '-tg', enable_auto_commit=False)
    assert c.committed(TopicPartition(topic, 0)) == 7; c.close()
    admin_client().delete_topics([t])


run(admin, produce, group, timestamps, *((idempotent, txn) if V3 else ()))
