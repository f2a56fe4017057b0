// load BOOTSTRAP TOPIC PARTITIONS HISTORY: idempotent producers and a consumer group that commits, against a broker that
// may die at any moment, and a history of what they were told, for the judge.
//
// Until stdin closes, each producer writes records "PRODUCER SEQUENCE" to its partition, 200 a second, without ever giving up;
// two members of one group read, and commit after every poll; an observer asks for the committed offsets. Then the producers
// are flushed, the group reads to the end, and everything is read once more from the start. Prints ten times a second how many
// records and how many commits were acknowledged so far.
//
// The history is a line an event, in the order in which it was known:
//
//	ack PRODUCER SEQUENCE PARTITION OFFSET    the broker acknowledged the record
//	fail PRODUCER SEQUENCE ERROR              the producer gave the record up
//	read PARTITION OFFSET PRODUCER SEQUENCE   a member of the group got the record
//	commit PARTITION OFFSET                   the broker acknowledged the commit
//	ask N                                     the observer asks for the committed offsets
//	answer N                                  and is answered:
//	committed N PARTITION OFFSET              with these
//	final PARTITION OFFSET PRODUCER SEQUENCE  read at last, from the start
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	producersPerPartition = 2
	perSecond             = 200
	members               = 2
)

var (
	ctx         = context.Background()
	boot, topic = os.Args[1], os.Args[2]
	group       = topic + "-group"
	acked       atomic.Int64
	commits     atomic.Int64

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

// client reconnects fast and for ever.
func client(o ...kgo.Opt) *kgo.Client {
	c, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(boot),
		kgo.RetryBackoffFn(func(int) time.Duration { return 50 * time.Millisecond }),
		kgo.MetadataMinAge(100 * time.Millisecond),
		kgo.DialTimeout(time.Second),
	}, o...)...)
	must(err)
	return c
}

func produce(producer, partition int, stop <-chan struct{}) {
	c := client(kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.RecordRetries(math.MaxInt32), kgo.StopProducerOnDataLossDetected(), kgo.ProducerLinger(2*time.Millisecond), kgo.ProduceRequestTimeout(5*time.Second))
	defer c.Close()
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	for sequence := 0; ; sequence++ {
		select {
		case <-stop:
			must(c.Flush(ctx))
			return
		case <-tick.C:
		}
		c.Produce(ctx, &kgo.Record{Partition: int32(partition), Value: []byte(fmt.Sprint(producer, " ", sequence))}, func(r *kgo.Record, err error) {
			if err != nil {
				note("fail %d %d %v", producer, sequence, err)
				return
			}
			note("ack %d %d %d %d", producer, sequence, r.Partition, r.Offset)
			acked.Add(1)
		})
	}
}

// consume ends when `done` says that the group has committed up to the end.
func consume(done func() bool) {
	c := client(kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(), kgo.FetchMaxWait(200*time.Millisecond), kgo.SessionTimeout(10*time.Second), kgo.HeartbeatInterval(500*time.Millisecond))
	defer c.Close()
	for !done() {
		x, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		fetches := c.PollFetches(x)
		cancel()
		fetches.EachRecord(func(r *kgo.Record) { note("read %d %d %s", r.Partition, r.Offset, r.Value) })
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
						note("commit %d %d", p.Partition, offsets[p.Partition])
						commits.Add(1)
					}
				}
			}
		})
		cancel()
		c.AllowRebalance()
	}
}

func observe(stop <-chan struct{}) {
	c := client(kgo.RequestRetries(0))
	defer c.Close()
	a := kadm.NewClient(c)
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-time.After(20 * time.Millisecond):
		}
		note("ask %d", n)
		x, cancel := context.WithTimeout(ctx, 2*time.Second)
		offsets, err := a.FetchOffsets(x, group)
		cancel()
		if err != nil {
			continue
		}
		note("answer %d", n)
		offsets.Each(func(o kadm.OffsetResponse) {
			if o.Err == nil {
				note("committed %d %d %d", n, o.Partition, o.At)
			}
		})
	}
}

// ends gives the log end offset of every partition.
func ends(a *kadm.Client) map[int32]int64 {
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

func readAll(ends map[int32]int64) {
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
			note("final %d %d %s", r.Partition, r.Offset, r.Value)
			if r.Offset == ends[r.Partition]-1 {
				left--
			}
		})
	}
}

func main() {
	partitions, err := strconv.Atoi(os.Args[3])
	must(err)
	file, err := os.Create(os.Args[4])
	must(err)
	history = bufio.NewWriter(file)
	adm := kadm.NewClient(client())
	created, err := adm.CreateTopic(ctx, int32(partitions), 1, nil, topic)
	must(err)
	if created.Err != nil && !errors.Is(created.Err, kerr.TopicAlreadyExists) {
		must(created.Err)
	}

	stop, stopObserving := make(chan struct{}), make(chan struct{})
	var upTo atomic.Pointer[map[int32]int64] // where the log ended when the producers had stopped
	caughtUp := func() bool {
		target := upTo.Load()
		if target == nil {
			return false
		}
		x, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		offsets, err := adm.FetchOffsets(x, group)
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
	for p := range partitions * producersPerPartition {
		producing.Go(func() { produce(p, p%partitions, stop) })
	}
	for range members {
		consuming.Go(func() { consume(caughtUp) })
	}
	observing.Go(func() { observe(stopObserving) })
	go func() {
		for range time.Tick(100 * time.Millisecond) {
			fmt.Println(acked.Load(), commits.Load())
		}
	}()

	io.Copy(io.Discard, os.Stdin)
	close(stop)
	producing.Wait()
	last := ends(adm)
	upTo.Store(&last)
	consuming.Wait()
	time.Sleep(300 * time.Millisecond) // one more look at what is committed
	close(stopObserving)
	observing.Wait()
	readAll(last)
	mu.Lock()
	must(history.Flush())
	must(file.Close())
}
