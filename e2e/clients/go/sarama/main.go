// sarama (IBM).
package main

import (
	"context"
	"strconv"
	"sync"
	"time"

	. "matrix/common"

	"github.com/IBM/sarama"
)

func conf() *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.MaxVersion
	c.Producer.Return.Successes = true
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Offsets.AutoCommit.Enable = false
	return c
}

var (
	brokers []string
	a       sarama.ClusterAdmin
	mid     int64
)

type handler struct {
	f     func(*sarama.ConsumerMessage) bool // false: enough
	stop  context.CancelFunc
	mu    sync.Mutex
	ended bool
}

func (h *handler) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (h *handler) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (h *handler) ConsumeClaim(s sarama.ConsumerGroupSession, c sarama.ConsumerGroupClaim) error {
	for {
		select {
		case m, ok := <-c.Messages():
			if !ok {
				return nil
			}
			h.mu.Lock()
			if h.ended {
				h.mu.Unlock()
				return nil
			}
			more := h.f(m)
			s.MarkMessage(m, "")
			if !more {
				h.ended = true
				s.Commit()
				h.stop()
			}
			h.mu.Unlock()
		case <-s.Context().Done():
			return nil
		}
	}
}
func readAll(t string, n int, iso sarama.IsolationLevel) (out []*sarama.ConsumerMessage) {
	c := conf()
	c.Consumer.IsolationLevel = iso
	k, err := sarama.NewConsumer(brokers, c)
	Must(err)
	defer k.Close()
	ch := make(chan *sarama.ConsumerMessage)
	for p := int32(0); p < 2; p++ {
		pc, err := k.ConsumePartition(t, p, sarama.OffsetOldest)
		Must(err)
		defer pc.AsyncClose()
		go func() {
			for m := range pc.Messages() {
				ch <- m
			}
		}()
	}
	for end := time.After(30 * time.Second); ; {
		d := 30 * time.Second
		if len(out) >= n {
			d = 1500 * time.Millisecond
		}
		select {
		case m := <-ch:
			out = append(out, m)
		case <-time.After(d):
			return
		case <-end:
			return
		}
	}
}

func admin() {
	var err error
	a, err = sarama.NewClusterAdmin(brokers, conf())
	Must(err)
	Must(a.CreateTopic(Topic, &sarama.TopicDetail{NumPartitions: 3, ReplicationFactor: int16(Factor)}, false))
	Must(a.CreateTopic(Topic+"-d", &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: int16(Factor)}, false))
	v := "3600000"
	Must(a.IncrementalAlterConfig(sarama.TopicResource, Topic, map[string]sarama.IncrementalAlterConfigsEntry{"retention.ms": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &v}}, false))
	Await(func() bool {
		es, err := a.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: Topic, ConfigNames: []string{"retention.ms"}})
		Must(err)
		return len(es) == 1 && es[0].Value == v
	})
	Must(a.CreatePartitions(Topic, 4, nil, false))
	Await(func() bool { m, err := a.DescribeTopics([]string{Topic}); Must(err); return len(m[0].Partitions) == 4 })
	Must(a.DeleteTopic(Topic + "-d"))
	Await(func() bool { m, err := a.ListTopics(); Must(err); _, ok := m[Topic+"-d"]; return !ok })
}

func produce() {
	codecs := map[string]sarama.CompressionCodec{"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy, "lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD}
	for n, codec := range Codecs {
		if n == 3 {
			time.Sleep(50 * time.Millisecond)
			mid = time.Now().UnixMilli()
			time.Sleep(50 * time.Millisecond)
		}
		c := conf()
		c.Producer.Compression = codecs[codec]
		c.Producer.Flush.Frequency = 5 * time.Millisecond
		p, err := sarama.NewSyncProducer(brokers, c)
		Must(err)
		var ms []*sarama.ProducerMessage
		for i := 0; i < N; i++ {
			ms = append(ms, &sarama.ProducerMessage{Topic: Topic, Key: sarama.StringEncoder("k" + strconv.Itoa(i)), Value: sarama.ByteEncoder(Value(codec, i)),
				Headers: []sarama.RecordHeader{{Key: []byte("codec"), Value: []byte(codec)}, {Key: []byte("i"), Value: []byte(strconv.Itoa(i))}}})
		}
		Must(p.SendMessages(ms))
		Must(p.Close())
	}
}

func group() {
	seen := map[string]bool{}
	consume := func(until int) {
		g, err := sarama.NewConsumerGroup(brokers, Topic+"-g", conf())
		Must(err)
		x, cancel := context.WithTimeout(context.Background(), 60*time.Second)
		defer cancel()
		h := &handler{stop: cancel, f: func(m *sarama.ConsumerMessage) bool {
			codec := string(m.Headers[0].Value)
			i, _ := strconv.Atoi(string(m.Headers[1].Value))
			Check(string(m.Key) == "k"+strconv.Itoa(i) && string(m.Value) == string(Value(codec, i)), "content")
			k := codec + strconv.Itoa(i)
			Check(!seen[k], "twice: %s", k)
			seen[k] = true
			return len(seen) < until
		}}
		for x.Err() == nil && len(seen) < until {
			Must(g.Consume(x, []string{Topic}, h))
		}
		Must(g.Close())
		Check(len(seen) >= until, "only %d of %d", len(seen), until)
	}
	consume(2500)
	consume(5000)
}

func timestamps() {
	cl, err := sarama.NewClient(brokers, conf())
	Must(err)
	sum := func(t int64) (n, none int64) {
		for p := int32(0); p < 4; p++ {
			o, err := cl.GetOffset(Topic, p, t)
			Must(err)
			if o < 0 {
				none++
			} else {
				n += o
			}
		}
		return
	}
	n, _ := sum(mid)
	Check(n == 3000, "mid %d", n)
	n, _ = sum(0)
	Check(n == 0, "zero %d", n)
	_, none := sum(mid + 86400000)
	Check(none == 4, "future %d", none)
	n, _ = sum(sarama.OffsetNewest)
	Check(n == 5000, "end %d", n)
	of, err := a.ListConsumerGroupOffsets(Topic+"-g", nil)
	Must(err)
	n = 0
	for _, b := range of.Blocks[Topic] {
		n += b.Offset
	}
	Check(n == 5000, "committed %d", n)
	Must(cl.Close())
}

func idempotent() {
	ti := Topic + "-i"
	Must(a.CreateTopic(ti, &sarama.TopicDetail{NumPartitions: 2, ReplicationFactor: int16(Factor)}, false))
	ic := conf()
	ic.Producer.Idempotent = true
	ic.Net.MaxOpenRequests = 1
	p, err := sarama.NewSyncProducer(brokers, ic)
	Must(err)
	var ms []*sarama.ProducerMessage
	for i := 0; i < 100; i++ {
		ms = append(ms, &sarama.ProducerMessage{Topic: ti, Key: sarama.StringEncoder(strconv.Itoa(i)), Value: sarama.StringEncoder("v")})
	}
	Must(p.SendMessages(ms))
	Must(p.Close())
	keys := map[string]bool{}
	got := readAll(ti, 100, sarama.ReadUncommitted)
	for _, m := range got {
		keys[string(m.Key)] = true
	}
	Check(len(got) == 100 && len(keys) == 100, "%d records", len(got))
}

func txn() {
	tt := Topic + "-t"
	Must(a.CreateTopic(tt, &sarama.TopicDetail{NumPartitions: 2, ReplicationFactor: int16(Factor)}, false))
	tc := conf()
	tc.Producer.Idempotent = true
	tc.Net.MaxOpenRequests = 1
	tc.Producer.Transaction.ID = Topic + "-x"
	p, err := sarama.NewSyncProducer(brokers, tc)
	Must(err)
	tx := func(k string, commit, offs bool) {
		Must(p.BeginTxn())
		var ms []*sarama.ProducerMessage
		for i := 0; i < 10; i++ {
			ms = append(ms, &sarama.ProducerMessage{Topic: tt, Key: sarama.StringEncoder(strconv.Itoa(i)), Value: sarama.StringEncoder(k)})
		}
		Must(p.SendMessages(ms))
		if offs {
			Must(p.AddOffsetsToTxn(map[string][]*sarama.PartitionOffsetMetadata{Topic: {{Partition: 0, Offset: 7}}}, Topic+"-tg"))
		}
		if commit {
			Must(p.CommitTxn())
		} else {
			Must(p.AbortTxn())
		}
	}
	tx("a", true, false)
	tx("b", false, false)
	tx("c", true, true)
	Must(p.Close())
	na, nc, rc := 0, 0, readAll(tt, 20, sarama.ReadCommitted)
	for _, m := range rc {
		switch string(m.Value) {
		case "a":
			na++
		case "c":
			nc++
		}
	}
	Check(len(rc) == 20 && na == 10 && nc == 10, "read_committed %d", len(rc))
	ru := len(readAll(tt, 30, sarama.ReadUncommitted))
	Check(ru == 30, "read_uncommitted %d", ru)
	of, err := a.ListConsumerGroupOffsets(Topic+"-tg", nil)
	Must(err)
	b := of.GetBlock(Topic, 0)
	Check(b != nil && b.Offset == 7, "group offset %+v", b)
}

func main() {
	Run([]Phase{
		{"admin", func() { brokers = []string{Boot}; admin() }},
		{"produce", produce}, {"group", group}, {"timestamps", timestamps}, {"idempotent", idempotent}, {"txn", txn},
	})
}
