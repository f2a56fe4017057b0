"""What the three Python programs share: arguments, the runner of the phases (SPEC.md), small helpers."""
import asyncio, inspect, os, sys, time, traceback

boot, topic = sys.argv[1:3]
# consumer properties for the group phase, e.g. group.protocol=consumer
extra = dict(x.split('=', 1) for x in sys.argv[3:])
# replicas of the topics it creates
factor = int(os.environ.get('FACTOR', 1))
CODECS, N = ['none', 'gzip', 'snappy', 'lz4', 'zstd'], 1000


def value(codec, i): return f'{codec}-{i}-'.ljust(100, 'x')


def in_a_day(): return int(time.time() * 1000) + 86400000


def until(f, secs=15):
    end = time.time() + secs
    while not f():
        assert time.time() < end, 'timed out'
        time.sleep(0.1)


class Seen:
    """The 5,000 records of the produce phase, each checked as it comes."""
    def __init__(self): self.records = set()

    def add(self, headers, key, val):
        codec, i = headers['codec'].decode(), int(headers['i'])
        assert key == f'k{i}'.encode() and val == value(codec, i).encode(), f'content of {codec} {i}'
        assert (codec, i) not in self.records, f'twice: {codec} {i}'
        self.records.add((codec, i))

    def __len__(self): return len(self.records)


def run(*phases):
    """Runs those of the functions (or coroutine functions) that PHASES names; a phase is called as its function."""
    wanted = os.environ.get('PHASES')

    async def main():
        nonlocal at
        for f in phases:
            if wanted and f.__name__ not in wanted.split(','): continue
            at = f.__name__
            print(at, file=sys.stderr, flush=True)
            result = f()
            if inspect.isawaitable(result): await result
    at = 'start'
    try:
        asyncio.run(main())
    except BaseException as e:
        traceback.print_exc()
        print(f'{at}: {type(e).__name__}: {e}'.replace('\n', ' ')[:300])
        sys.exit(1)
