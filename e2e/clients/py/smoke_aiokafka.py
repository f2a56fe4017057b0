"""aiokafka."""
import asyncio, time
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import OffsetAndMetadata
from common import CODECS, N, Seen, boot, factor, in_a_day, run, topic, value

connected = []


async def admin_client():
    if not connected:
        connected.append(AIOKafkaAdminClient(bootstrap_servers=boot)); await connected[0].start()
    return connected[0]


async def wait(f, secs=15):
    end = time.time() + secs
    while not await f():
        assert time.time() < end, 'timed out'
        await asyncio.sleep(0.1)


async def read_all(t, n, **kw):
    c = AIOKafkaConsumer(bootstrap_servers=boot, auto_offset_reset='earliest', enable_auto_commit=False, **kw)
    await c.start(); c.assign([TopicPartition(t, p) for p in range(2)]); await c.seek_to_beginning()
    out, last, end = [], time.time(), time.time() + 30
    while time.time() < end and (len(out) < n or time.time() - last < 1.5):
        for rs in (await c.getmany(timeout_ms=300)).values(): out += rs; last = time.time()
    await c.stop(); return out


async def admin():
    a = await admin_client()
    await a.create_topics([NewTopic(topic, 3, factor), NewTopic(topic + '-d', 1, factor)])
    await a.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {'retention.ms': '3600000'})])
    async def altered():
        answers = await a.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        return "'retention.ms', '3600000'" in str([r.resources for r in answers])
    await wait(altered)
    await a.create_partitions({topic: NewPartitions(4)})
    async def four(): return len((await a.describe_topics([topic]))[0]['partitions']) == 4
    await wait(four)
    await a.delete_topics([topic + '-d'])
    async def gone(): return topic + '-d' not in await a.list_topics()
    await wait(gone)


async def produce():
    global mid
    for n, codec in enumerate(CODECS):
        if n == 3: await asyncio.sleep(.05); mid = int(time.time() * 1000); await asyncio.sleep(.05)
        p = AIOKafkaProducer(bootstrap_servers=boot, acks='all', linger_ms=5, compression_type=None if codec == 'none' else codec)
        await p.start()
        await asyncio.gather(*[await p.send(topic, key=f'k{i}'.encode(), value=value(codec, i).encode(),
                                            headers=[('codec', codec.encode()), ('i', str(i).encode())]) for i in range(N)])
        await p.stop()


async def group():
    seen = Seen()
    for goal in (2500, 5000):
        c = AIOKafkaConsumer(topic, bootstrap_servers=boot, group_id=topic + '-g', auto_offset_reset='earliest', enable_auto_commit=False)
        await c.start(); end = time.time() + 60
        while len(seen) < goal:
            assert time.time() < end, f'only {len(seen)} of {goal}'
            for rs in (await c.getmany(timeout_ms=500, max_records=500)).values():
                for r in rs: seen.add(dict(r.headers), r.key, r.value)
        await c.commit(); await c.stop()
    assert len(seen) == 5000, len(seen)


async def timestamps():
    c = AIOKafkaConsumer(bootstrap_servers=boot, group_id=topic + '-g', enable_auto_commit=False); await c.start()
    tps = [TopicPartition(topic, p) for p in range(4)]; c.assign(tps)
    async def offsets(t): return [x and x.offset for x in (await c.offsets_for_times({tp: t for tp in tps})).values()]
    assert sum(await offsets(mid)) == 3000 and sum(await offsets(0)) == 0
    assert all(x is None for x in await offsets(in_a_day()))
    assert sum((await c.end_offsets(tps)).values()) == 5000
    assert sum([await c.committed(tp) for tp in tps]) == 5000
    await c.stop()


async def idempotent():
    t = topic + '-i'; a = await admin_client(); await a.create_topics([NewTopic(t, 2, factor)])
    p = AIOKafkaProducer(bootstrap_servers=boot, enable_idempotence=True); await p.start()
    await asyncio.gather(*[await p.send(t, key=b'%d' % i, value=b'v') for i in range(100)]); await p.stop()
    assert sorted(int(r.key) for r in await read_all(t, 100)) == list(range(100))
    await a.delete_topics([t])


async def txn():
    t = topic + '-t'; a = await admin_client(); await a.create_topics([NewTopic(t, 2, factor)])
    p = AIOKafkaProducer(bootstrap_servers=boot, transactional_id=topic + '-x'); await p.start()
    async def tx(k, commit, offsets=False):
        await p.begin_transaction()
        await asyncio.gather(*[await p.send(t, key=b'%d' % i, value=k) for i in range(10)])
        if offsets: await p.send_offsets_to_transaction({TopicPartition(topic, 0): OffsetAndMetadata(7, '')}, topic + '-tg')
        await (p.commit_transaction() if commit else p.abort_transaction())
    await tx(b'a', True); await tx(b'b', False); await tx(b'c', True, True); await p.stop()
    rc = await read_all(t, 20, isolation_level='read_committed'); ru = await read_all(t, 30)
    assert sorted(r.value for r in rc) == [b'a'] * 10 + [b'c'] * 10, len(rc)
    assert len(ru) == 30, len(ru)
    c = AIOKafkaConsumer(topic, bootstrap_servers=boot, group_id=topic + '-tg', enable_auto_commit=False); await c.start()
    assert await c.committed(TopicPartition(topic, 0)) == 7; await c.stop()
    await a.delete_topics([t])


run(admin, produce, group, timestamps, idempotent, txn)
