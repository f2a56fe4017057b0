#!/usr/bin/env python3
"""Run every sample of the documents against the broker on localhost:9092 (the address the samples hold).

    run_seeds.py [--py LABEL=PYTHON ...] [--only 001,002] [--json FILE] [--brokers N]

The samples themselves are never changed here: each is started as it stands and given a bounded life (stop once N
lines were printed, or after T seconds). "as written" cases with a defect in the sample expect that defect's message;
then the same sample runs again with the smallest help that lets it work (kind: with_json / repaired / modern).
Prints one line per case, `ok` or `FAIL`, and closes with `N passed, N failed`; exit status 0 when none failed.
Standard library only.
"""
import argparse, json, os, pathlib, re, shutil, signal, subprocess, sys, tempfile, threading, time

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get('KAFKA_PEER_CACHE') or
                     pathlib.Path(os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache') / 'kafka-peer')
ap = argparse.ArgumentParser()
ap.add_argument('--py', action='append', help='LABEL=PYTHON with kafka-python installed')
ap.add_argument('--only', default='')
ap.add_argument('--json')
ap.add_argument('--brokers', type=int, default=1, help='how many the cluster has')
a = ap.parse_args()
PYS = dict(x.split('=', 1) for x in a.py) if a.py else {
    'kafka-python-2.0.2': str(CACHE / 'matrix/py-kp202/bin/python'),
    'kafka-python-3.0.12': str(CACHE / 'matrix/py-kp3/bin/python')}
PEERS = HERE.parents[1] / 'peers'
KT, KT241 = PEERS / 'kafka/kt', PEERS / 'kafka-2.4.1/kt'
BOOT = 'localhost:9092'
results = []


class Run:
    """A child process with a bounded life; lines of stdout as they come."""
    def __init__(self, cmd, stdin=None, cwd=None, env=None):
        self.t0 = time.time()
        self.out, self.err = [], []
        self.p = subprocess.Popen(cmd, cwd=cwd, env={**os.environ, 'PYTHONUNBUFFERED': '1', **(env or {})},
                                  stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.th = [threading.Thread(target=self._read, args=x, daemon=True)
                   for x in ((self.p.stdout, self.out), (self.p.stderr, self.err))]
        for t in self.th: t.start()
        if stdin is not None:
            self.p.stdin.write(stdin); self.p.stdin.close()

    def _read(self, f, to):
        for line in f: to.append(line.rstrip('\n'))

    def wait(self, lines=None, timeout=30):
        """Until `lines` lines of stdout, the process's end, or the time; then the process is ended. -> self"""
        end = time.time() + timeout
        while time.time() < end and self.p.poll() is None and (lines is None or len(self.out) < lines):
            time.sleep(0.05)
        self.ended = self.p.poll() is not None
        self.secs = time.time() - self.t0
        self.stop()
        return self

    def stop(self):
        for s in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if self.p.poll() is not None: break
            try: os.killpg(self.p.pid, s)
            except ProcessLookupError: break
            try: self.p.wait(6)
            except subprocess.TimeoutExpired: pass
        for t in self.th: t.join(2)
        self.rc = self.p.returncode
        return self

    def tail(self):
        return (self.err or self.out or [''])[-1][:160]


def kt(*args, timeout=60):
    return subprocess.run([str(KT), *args], capture_output=True, text=True, timeout=timeout)


def fresh(*topics, create=None, options=()):
    """The topics do not exist afterwards, except those in `create`, with the options of kafka-topics."""
    for t in topics:
        kt('topics', '--bootstrap-server', BOOT, '--delete', '--if-exists', '--topic', t)
    time.sleep(1)
    for t in create or ():
        kt('topics', '--bootstrap-server', BOOT, '--create', '--if-not-exists', '--topic', t, *options)


def delete_group(g):
    kt('consumer-groups', '--bootstrap-server', BOOT, '--delete', '--group', g)


def case(name, kind, ok, secs, note):
    results.append(dict(case=name, kind=kind, ok=bool(ok), seconds=round(secs, 1), note=note))
    print(f"{'ok  ' if ok else 'FAIL'} {name:42} {kind:10} {secs:5.1f}s  {note}", flush=True)


def want(s): return not a.only or s in a.only.split(',')


V, R, M = HERE / 'verbatim', HERE / 'repaired', HERE / 'modern'
tmp = pathlib.Path(tempfile.mkdtemp(prefix='seeds-'))
new, old = tmp / 'new', tmp / 'old'           # working folders where bin/kafka-*.sh are the tools
for folder, tool in ((new, KT), (old, KT241)):
    (folder / 'bin').mkdir(parents=True)
    for name in ('topics', 'console-producer', 'console-consumer'):
        (folder / 'bin' / f'kafka-{name}.sh').symlink_to(tool)
onpath = lambda d: {'PATH': f"{d}/bin:{os.environ['PATH']}"}
script = lambda f, w, **k: Run(['bash', str(f)], cwd=w, env=onpath(w), **k)
SENT = ''.join(l.removeprefix('> ') + '\n' for l in (V / '000-6-producer-input.txt').read_text().splitlines())
SHOWN = (V / '000-7-consumer-output.txt').read_text().splitlines()


def s000():
    fresh('test')
    r = script(V / '000-3-create-topic.sh', new).wait()
    case('000.3 create-topic, current CLI', 'verbatim', r.rc == 1 and 'zookeeper is not a recognized option' in '\n'.join(r.err + r.out), r.secs,
         'expected: the tools of today have no --zookeeper')
    r = script(V / '000-3-create-topic.sh', old).wait(timeout=40)
    case('000.3 create-topic, 2.4.1 CLI', 'verbatim', r.rc != 0 or r.out == ['Created topic test.'], r.secs, f'rc={r.rc} {r.tail()} (wants a ZooKeeper on 2181)')
    fresh('test')
    r = script(M / '000-3-create-topic.sh', new).wait()
    case('000.3 create-topic', 'modern', r.rc == 0 and r.out == ['Created topic test.'], r.secs, ' / '.join(r.out))
    d = kt('topics', '--bootstrap-server', BOOT, '--describe', '--topic', 'test').stdout
    case('000.3 describe', 'modern', 'PartitionCount: 1' in d and 'ReplicationFactor: 1' in d, 0, d.splitlines()[0] if d else 'nothing')
    r = script(V / '000-4-console-producer.sh', new, stdin=SENT).wait()
    case('000.4 console-producer, current CLI', 'verbatim', r.rc == 1 and 'broker-list is not a recognized option' in '\n'.join(r.err + r.out), r.secs,
         'expected: the tools of today have no --broker-list')
    r = script(M / '000-4-console-producer.sh', new, stdin=SENT).wait()
    case('000.4 console-producer', 'modern', r.rc == 0, r.secs, f'rc={r.rc} stdout={r.out}')
    r = script(V / '000-5-console-consumer.sh', new).wait(lines=2)
    case('000.5 console-consumer, current CLI', 'verbatim', r.out == SHOWN, r.secs, ' / '.join(r.out))
    fresh('test', create=['test'])
    r = script(V / '000-4-console-producer.sh', old, stdin=SENT).wait()
    case('000.4 console-producer, 2.4.1 CLI', 'verbatim', r.rc == 0 and not any('ERROR' in e for e in r.err), r.secs, f'rc={r.rc} prompts={"".join(r.out)!r}')
    r = script(V / '000-5-console-consumer.sh', old).wait(lines=2)
    case('000.5 console-consumer, 2.4.1 CLI', 'verbatim', r.out == SHOWN, r.secs, ' / '.join(r.out))


def s001():
    for label, py in PYS.items():
        fresh('my_topic'); delete_group('my_group')
        r = Run([py, str(V / '001-1-producer-consumer.py')]).wait(timeout=20)
        want_err = 'AssertionError' if '2.0.2' in label else "TypeError: Unsupported type for serialized value: <class 'str'>"
        case(f'001 {label}', 'verbatim', r.rc == 1 and want_err in '\n'.join(r.err), r.secs, f'expected, a str value without a serializer: {r.tail()}')
        r = Run([py, str(R / '001-1-producer-consumer.py')]).wait(lines=1, timeout=20)
        case(f'001 {label} first run', 'repaired', r.out == [] and not r.ended, r.secs,
             f'expected nothing: a new group starts at the end, after the message. stdout={r.out}')
        r = Run([py, str(R / '001-1-producer-consumer.py')]).wait(lines=1, timeout=60)
        case(f'001 {label} second run', 'repaired', r.out == ["b'Hello, Kafka!'"], r.secs, f'expected from the committed offset: {r.out}')


def gomod(d):
    d.mkdir()
    e = {**os.environ, 'GOFLAGS': '-mod=mod'}
    shutil.copy(HERE / 'go.mod.txt', d / 'go.mod'); shutil.copy(HERE / 'go.sum.txt', d / 'go.sum')
    return e


def build(src, name):
    d = tmp / f'go-{name}'; e = gomod(d)
    shutil.copy(src, d / 'main.go')
    t = time.time()
    p = subprocess.run(['go', 'build', '-o', 'app', '.'], cwd=d, env=e, capture_output=True, text=True, timeout=300)
    return p, d / 'app', time.time() - t


def s002():
    fresh('test', create=['test'])
    p, _, s = build(V / '002-1-producer.go', 'vp')
    case('002 producer, kafka-go', 'verbatim', p.returncode and 'kafka.NewWriter returns 1 value' in p.stderr, s, 'expected, does not compile: ' + p.stderr.strip().splitlines()[1])
    p, _, s = build(V / '002-2-consumer.go', 'vc')
    case('002 consumer, kafka-go', 'verbatim', p.returncode and 'kafka.NewReader returns 1 value' in p.stderr and 'undefined: kafka.DecodeBytes' in p.stderr, s,
         'expected, does not compile: ' + ' | '.join(l.split(': ', 1)[-1] for l in p.stderr.strip().splitlines()[1:]))
    p, app, _ = build(R / '002-1-producer.go', 'rp')
    if p.returncode: return case('002 producer, kafka-go', 'repaired', False, 0, p.stderr[-200:])
    r = Run([str(app)]).wait()
    case('002 producer, kafka-go', 'repaired', r.rc == 0 and not r.out, r.secs, f'rc={r.rc} {r.out}')
    p, app, _ = build(R / '002-2-consumer.go', 'rc')
    if p.returncode: return case('002 consumer, kafka-go', 'repaired', False, 0, p.stderr[-200:])
    r = Run([str(app)]).wait()
    case('002 consumer, kafka-go', 'repaired', r.rc == 0 and r.out == ['Key: key1, Value: value1', 'Key: key2, Value: value2'], r.secs, ' / '.join(r.out))


def s004():
    r = script(V / '004-3-create-topic.sh', new).wait()
    case('004.3 create-topic, current CLI', 'verbatim', r.rc == 1 and 'zookeeper is not a recognized option' in '\n'.join(r.err + r.out), r.secs, 'expected: the tools of today have no --zookeeper')
    fresh('test_topic')
    r = script(M / '004-3-create-topic.sh', new).wait()
    d = kt('topics', '--bootstrap-server', BOOT, '--describe', '--topic', 'test_topic').stdout
    one = a.brokers == 1 and 'InvalidReplicationFactorException' in '\n'.join(r.err + r.out)
    case('004.3 create-topic', 'modern', one or ('Created topic test_topic.' in r.out and 'PartitionCount: 4' in d and 'ReplicationFactor: 2' in d), r.secs,
         'one broker: ' + next(l for l in r.out + r.err if 'rror' in l)[:150] if one else d.splitlines()[0])
    for label, py in PYS.items():
        # as the document has it, where there are brokers enough
        fresh('test_topic', create=['test_topic'], options=['--partitions', '4', '--replication-factor', '2'] if a.brokers > 1 else [])
        r = Run([py, str(V / '004-1-producer.py')]).wait(timeout=20)
        case(f'004.1 producer {label}', 'verbatim', r.rc == 1 and "name 'json' is not defined" in '\n'.join(r.err), r.secs, 'expected, the sample forgets import json: ' + r.tail())
        c = Run([py, str(HERE / 'with_json.py'), str(V / '004-2-consumer.py')])
        v = Run([py, str(V / '004-2-consumer.py')])
        time.sleep(5)     # both have found the end of the topic by now
        r = Run([py, str(HERE / 'with_json.py'), str(V / '004-1-producer.py')]).wait(timeout=30)
        case(f'004.1 producer {label}', 'with_json', r.rc == 0, r.secs, f'rc={r.rc} {r.tail() if r.rc else ""}')
        c.wait(lines=100, timeout=30)
        exp = [str({'key': i, 'value': i}) for i in range(100)]
        got_all = sorted(c.out) == sorted(exp)
        case(f'004.2 consumer {label}', 'with_json', got_all, c.secs, f'{len(c.out)} lines, first {c.out[:1]}, in order: {c.out == exp}')
        v.wait(timeout=10)
        case(f'004.2 consumer {label}', 'verbatim', v.rc != 0 and any("name 'json' is not defined" in e for e in v.err), v.secs, 'expected, once a message comes: ' + v.tail())


try:
    for n, f in (('000', s000), ('001', s001), ('002', s002), ('004', s004)):
        if want(n): f()
finally:
    shutil.rmtree(tmp, ignore_errors=True)
bad = sum(not r['ok'] for r in results)
print(f'{len(results) - bad} passed, {bad} failed')
if a.json: pathlib.Path(a.json).write_text(json.dumps(results, indent=1))
sys.exit(bool(bad))
