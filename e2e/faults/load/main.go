// load BOOTSTRAP TOPIC PARTITIONS HISTORY [FACTOR [LEAST]]: producers and consumer groups that commit, against a broker that may die at any moment,
// and a history of what they were told, for the judge.
//
// Until stdin closes, each producer writes records "PRODUCER SEQUENCE" to its partition, 200 a second (100 with a FACTOR), in a codec of its own, without
// ever giving up: two a partition idempotent with acks=all, one with acks=1 and without idempotence. One more writes values under
// a few keys to a topic that is compacted. With a FACTOR above 1 the topics have so many replicas, min.insync.replicas is LEAST (2), and
// nobody writes with acks=1, which a change of leaders may lose. Two members of a group read and commit after every poll, those of the classic protocol
// as group 0, of the consumer protocol (KIP-848) as group 1; an observer asks for the committed offsets. Then the producers are
// flushed, the groups read to the end, and everything is read once more from the start. Lines on stdin become lines of the history,
// with the time. Prints ten times a second how many
// records and how many commits of each group were acknowledged so far.
//
// The history is a line an event, in the order in which it was known:
//
//	loose PRODUCER                                  this producer may write a record more than once
//	ack PRODUCER SEQUENCE PARTITION OFFSET          the broker acknowledged the record
//	fail PRODUCER SEQUENCE ERROR                    the producer gave the record up
//	put KEY SEQUENCE OFFSET                         the broker acknowledged the value of the key
//	read GROUP PARTITION OFFSET PRODUCER SEQUENCE   a member of the group got the record
//	commit GROUP PARTITION OFFSET                   the broker acknowledged the commit
//	ask N MS                                        the observer asks for the committed offsets, at that time (epoch)
//	answer N GROUP BROKER                           and is answered, by that broker:
//	committed N GROUP PARTITION OFFSET              with these
//	final PARTITION OFFSET PRODUCER SEQUENCE        read at last, from the start
//	kept OFFSET KEY SEQUENCE                        the same of the compacted topic
//	WORDS MS                                        a line of stdin and when it came
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	strictPerPartition = 2
	members            = 2
	keys               = 50
)

var (
	ctx         = context.Background()
	boot, topic = os.Args[1], os.Args[2]
	compacted   = topic + "-compacted"
	groups      = []string{topic + "-classic", topic + "-consumer"}
	acked       atomic.Int64
	commits     [2]atomic.Int64
	factor      = 1
	least       = "2"
	perSecond   = 200
	codecs      = []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()}

	// how long a broker may hold back acknowledgements, and how long beyond that it may be silent before another is asked
	ackTimeout, patience = 5 * time.Second, 10 * time.Second

	mu      sync.Mutex
	history *bufio.Writer
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func note(format string, a ...any) {
	mu.Lock()
	fmt.Fprintf(history, format+"\n", a...)
	mu.Unlock()
}

// client reconnects fast and for ever, also where a broker dies in the middle of its first answer.
func client(o ...kgo.Opt) *kgo.Client {
	c, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(strings.Split(boot, ",")...),
		kgo.RetryBackoffFn(func(int) time.Duration { return 50 * time.Millisecond }),
		kgo.MetadataMinAge(100 * time.Millisecond),
		kgo.DialTimeout(time.Second),
		kgo.AlwaysRetryEOF(),
		kgo.RequestTimeoutOverhead(patience),
	}, o...)...)
	must(err)
	return c
}

// write sends what `record` gives for each sequence until `stop`.
func write(stop <-chan struct{}, o []kgo.Opt, record func(sequence int) *kgo.Record, done func(sequence int, r *kgo.Record, err error)) {
	c := client(append(o, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.RecordRetries(math.MaxInt32), kgo.UnknownTopicRetries(-1), kgo.StopProducerOnDataLossDetected(),
		kgo.ProducerLinger(2*time.Millisecond), kgo.ProduceRequestTimeout(ackTimeout))...)
	defer c.Close()
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for sequence := 0; ; sequence++ {
		select {
		case <-stop:
			must(c.Flush(ctx))
			return
		case <-tick.C:
		}
		c.Produce(ctx, record(sequence), func(r *kgo.Record, err error) {
			done(sequence, r, err)
			acked.Add(1)
		})
	}
}

func produce(producer, partition int, strict bool, stop <-chan struct{}) {
	o := []kgo.Opt{kgo.DefaultProduceTopic(topic), kgo.ProducerBatchCompression(codecs[producer%len(codecs)])}
	if strict {
		o = append(o, kgo.RequiredAcks(kgo.AllISRAcks()))
	} else {
		note("loose %d", producer)
		o = append(o, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(1))
	}
	write(stop, o, func(sequence int) *kgo.Record {
		return &kgo.Record{Partition: int32(partition), Value: []byte(fmt.Sprint(producer, " ", sequence))}
	}, func(sequence int, r *kgo.Record, err error) {
		if err != nil {
			note("fail %d %d %v", producer, sequence, err)
		} else {
			note("ack %d %d %d %d", producer, sequence, r.Partition, r.Offset)
		}
	})
}

func put(stop <-chan struct{}) {
	o := []kgo.Opt{kgo.DefaultProduceTopic(compacted), kgo.ProducerBatchCompression(kgo.Lz4Compression())}
	write(stop, o, func(sequence int) *kgo.Record {
		return &kgo.Record{Key: []byte(strconv.Itoa(sequence % keys)), Value: []byte(strconv.Itoa(sequence))}
	}, func(sequence int, r *kgo.Record, err error) {
		if err != nil {
			note("fail keys %d %v", sequence, err)
		} else {
			note("put %d %d %d", sequence%keys, sequence, r.Offset)
		}
	})
}

// consume ends when `done` says that the group has committed up to the end.
func consume(group int, done func() bool) {
	o := []kgo.Opt{}
	if group == 1 {
		o = append(o, kgo.ServerSideBalancer(), kgo.Balancers(kgo.RangeBalancer()))
	}
	c := client(append(o, kgo.ConsumerGroup(groups[group]), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(), kgo.FetchMaxWait(200*time.Millisecond), kgo.SessionTimeout(10*time.Second), kgo.HeartbeatInterval(500*time.Millisecond))...)
	defer c.Close()
	for !done() {
		x, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		fetches := c.PollFetches(x)
		cancel()
		fetches.EachRecord(func(r *kgo.Record) { note("read %d %d %d %s", group, r.Partition, r.Offset, r.Value) })
		x, cancel = context.WithTimeout(ctx, 5*time.Second)
		c.CommitOffsetsSync(x, c.UncommittedOffsets(), func(_ *kgo.Client, sent *kmsg.OffsetCommitRequest, answer *kmsg.OffsetCommitResponse, err error) {
			if err != nil {
				return
			}
			offsets := map[int32]int64{}
			for _, t := range sent.Topics {
				for _, p := range t.Partitions {
					offsets[p.Partition] = p.Offset
				}
			}
			for _, t := range answer.Topics {
				for _, p := range t.Partitions {
					if p.ErrorCode == 0 {
						note("commit %d %d %d", group, p.Partition, offsets[p.Partition])
						commits[group].Add(1)
					}
				}
			}
		})
		cancel()
		c.AllowRebalance()
	}
}

// answerer keeps which broker answered the last OffsetFetch.
type answerer struct{ broker atomic.Int32 }

func (a *answerer) OnBrokerE2E(meta kgo.BrokerMetadata, key int16, _ kgo.BrokerE2E) {
	if key == int16(kmsg.OffsetFetch) {
		a.broker.Store(meta.NodeID)
	}
}

func observe(stop <-chan struct{}) {
	by := &answerer{}
	c := client(kgo.RequestRetries(0), kgo.WithHooks(by))
	defer c.Close()
	a := kadm.NewClient(c)
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-time.After(20 * time.Millisecond):
		}
		note("ask %d %d", n, time.Now().UnixMilli())
		for group, name := range groups {
			x, cancel := context.WithTimeout(ctx, 2*time.Second)
			offsets, err := a.FetchOffsets(x, name)
			cancel()
			if err != nil {
				continue
			}
			note("answer %d %d %d", n, group, by.broker.Load())
			offsets.Each(func(o kadm.OffsetResponse) {
				if o.Err == nil {
					note("committed %d %d %d %d", n, group, o.Partition, o.At)
				}
			})
		}
	}
}

// ends gives the log end offset of every partition.
func ends(a *kadm.Client, topic string) map[int32]int64 {
	for {
		l, err := a.ListEndOffsets(ctx, topic)
		if err == nil && l.Error() == nil {
			out := map[int32]int64{}
			l.Each(func(o kadm.ListedOffset) { out[o.Partition] = o.Offset })
			return out
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// readAll ends when the last offset of every partition has been read; the last record of a log is never compacted away.
func readAll(topic string, ends map[int32]int64, see func(*kgo.Record)) {
	c := client(kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer c.Close()
	left := 0
	for _, end := range ends {
		if end > 0 {
			left++
		}
	}
	for left > 0 {
		c.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			see(r)
			if r.Offset == ends[r.Partition]-1 {
				left--
			}
		})
	}
}

func create(a *kadm.Client, topic string, partitions int, configs map[string]*string) {
	if factor > 1 {
		configs["min.insync.replicas"] = kadm.StringPtr(least)
	}
	created, err := a.CreateTopic(ctx, int32(partitions), int16(factor), configs, topic)
	must(err)
	if created.Err != nil && !errors.Is(created.Err, kerr.TopicAlreadyExists) {
		must(created.Err)
	}
}

func main() {
	partitions, err := strconv.Atoi(os.Args[3])
	must(err)
	file, err := os.Create(os.Args[4])
	must(err)
	loose := 1
	if len(os.Args) > 5 {
		factor, err = strconv.Atoi(os.Args[5])
		must(err)
	}
	if len(os.Args) > 6 {
		least = os.Args[6]
	}
	if factor > 1 {
		// a longer run, whose history is to be judged as fast
		perSecond = 100
		loose, ackTimeout, patience = 0, time.Second, 1500*time.Millisecond
	}
	history = bufio.NewWriter(file)
	adm := kadm.NewClient(client())
	create(adm, topic, partitions, map[string]*string{})
	create(adm, compacted, 1, map[string]*string{"cleanup.policy": kadm.StringPtr("compact"), "segment.ms": kadm.StringPtr("2000"), "min.cleanable.dirty.ratio": kadm.StringPtr("0.01")})

	stop, stopObserving := make(chan struct{}), make(chan struct{})
	var upTo atomic.Pointer[map[int32]int64] // where the log ended when the producers had stopped
	caughtUp := func(group int) bool {
		target := upTo.Load()
		if target == nil {
			return false
		}
		x, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		offsets, err := adm.FetchOffsets(x, groups[group])
		if err != nil {
			return false
		}
		for partition, end := range *target {
			if o, ok := offsets.Lookup(topic, partition); end > 0 && (!ok || o.At < end) {
				return false
			}
		}
		return true
	}
	var producing, consuming, observing sync.WaitGroup
	for p := range partitions * (strictPerPartition + loose) {
		producing.Go(func() { produce(p, p%partitions, p < partitions*strictPerPartition, stop) })
	}
	producing.Go(func() { put(stop) })
	for group := range groups {
		for range members {
			consuming.Go(func() { consume(group, func() bool { return caughtUp(group) }) })
		}
	}
	observing.Go(func() { observe(stopObserving) })
	go func() {
		for range time.Tick(100 * time.Millisecond) {
			fmt.Println(acked.Load(), commits[0].Load(), commits[1].Load())
		}
	}()

	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		note("%s %d", lines.Text(), time.Now().UnixMilli())
	}
	close(stop)
	producing.Wait()
	last := ends(adm, topic)
	upTo.Store(&last)
	consuming.Wait()
	time.Sleep(300 * time.Millisecond) // one more look at what is committed
	close(stopObserving)
	observing.Wait()
	readAll(topic, last, func(r *kgo.Record) { note("final %d %d %s", r.Partition, r.Offset, r.Value) })
	readAll(compacted, ends(adm, compacted), func(r *kgo.Record) { note("kept %d %s %s", r.Offset, r.Key, r.Value) })
	mu.Lock()
	must(history.Flush())
	must(file.Close())
}
