// franz-go.
package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	. "matrix/common"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var (
	ctx = context.Background()
	a   *kadm.Client
	mid int64
)

func client(o ...kgo.Opt) *kgo.Client {
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(Boot)}, o...)...)
	Must(err)
	return c
}

func createTopics(partitions int32, topics ...string) {
	rs, err := a.CreateTopics(ctx, partitions, int16(Factor), nil, topics...)
	Must(err)
	Must(rs.Error())
}

func readAll(t string, n int, o ...kgo.Opt) (out []*kgo.Record) {
	c := client(append(o, kgo.ConsumeTopics(t), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	defer c.Close()
	last := time.Now()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && (len(out) < n || time.Since(last) < 1500*time.Millisecond); {
		x, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		fs := c.PollFetches(x)
		cancel()
		fs.EachRecord(func(r *kgo.Record) { out = append(out, r); last = time.Now() })
	}
	return
}

func admin() {
	createTopics(3, Topic)
	createTopics(1, Topic+"-d")
	al, err := a.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: kmsg.StringPtr("3600000")}}, Topic)
	Must(err)
	Must(al[0].Err)
	Await(func() bool {
		d, err := a.DescribeTopicConfigs(ctx, Topic)
		Must(err)
		for _, c := range d[0].Configs {
			if c.Key == "retention.ms" {
				return *c.Value == "3600000"
			}
		}
		return false
	})
	up, err := a.UpdatePartitions(ctx, 4, Topic)
	Must(err)
	Must(up.Error())
	Await(func() bool { t, err := a.ListTopics(ctx, Topic); Must(err); return len(t[Topic].Partitions) == 4 })
	_, err = a.DeleteTopics(ctx, Topic+"-d")
	Must(err)
	Await(func() bool { t, err := a.ListTopics(ctx); Must(err); return !t.Has(Topic + "-d") })
}

func produce() {
	codecs := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}
	for n, codec := range Codecs {
		if n == 3 {
			time.Sleep(50 * time.Millisecond)
			mid = time.Now().UnixMilli()
			time.Sleep(50 * time.Millisecond)
		}
		p := client(kgo.ProducerBatchCompression(codecs[codec]), kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerLinger(5*time.Millisecond))
		var rs []*kgo.Record
		for i := 0; i < N; i++ {
			rs = append(rs, &kgo.Record{Topic: Topic, Key: []byte("k" + strconv.Itoa(i)), Value: Value(codec, i), Headers: []kgo.RecordHeader{{Key: "codec", Value: []byte(codec)}, {Key: "i", Value: []byte(strconv.Itoa(i))}}})
		}
		Must(p.ProduceSync(ctx, rs...).FirstErr())
		p.Close()
	}
}

func group() {
	seen := map[string]bool{}
	consume := func(until int) {
		c := client(kgo.ConsumerGroup(Topic+"-g"), kgo.ConsumeTopics(Topic), kgo.DisableAutoCommit(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		for end := time.Now().Add(60 * time.Second); len(seen) < until; {
			Check(time.Now().Before(end), "only %d of %d", len(seen), until)
			x, cancel := context.WithTimeout(ctx, time.Second)
			fs := c.PollRecords(x, 500)
			cancel()
			for _, e := range fs.Errors() {
				if !errors.Is(e.Err, context.DeadlineExceeded) {
					panic(e.Err)
				}
			}
			fs.EachRecord(func(r *kgo.Record) {
				codec := string(r.Headers[0].Value)
				i, _ := strconv.Atoi(string(r.Headers[1].Value))
				Check(string(r.Key) == "k"+strconv.Itoa(i) && string(r.Value) == string(Value(codec, i)), "content")
				k := codec + strconv.Itoa(i)
				Check(!seen[k], "twice: %s", k)
				seen[k] = true
			})
			Must(c.CommitUncommittedOffsets(ctx))
		}
		c.Close()
	}
	consume(2500)
	consume(5000)
	Check(len(seen) == 5000, "%d", len(seen))
}

func timestamps() {
	sum := func(l kadm.ListedOffsets, err error) (n int64) {
		Must(err)
		Must(l.Error())
		l.Each(func(o kadm.ListedOffset) { n += o.Offset })
		return
	}
	Check(sum(a.ListOffsetsAfterMilli(ctx, mid, Topic)) == 3000, "mid")
	Check(sum(a.ListOffsetsAfterMilli(ctx, 0, Topic)) == 0, "zero")
	// kadm asks for the end itself where the answer for a time is -1
	Check(sum(a.ListOffsetsAfterMilli(ctx, mid+86400000, Topic)) == 5000, "future")
	Check(sum(a.ListEndOffsets(ctx, Topic)) == 5000 && sum(a.ListStartOffsets(ctx, Topic)) == 0, "ends")
	lag, err := a.Lag(ctx, Topic+"-g")
	Must(err)
	g := lag[Topic+"-g"]
	Check(g.Lag.Total() == 0 && g.State == "Empty", "lag %d state %s", g.Lag.Total(), g.State)
}

func idempotent() {
	t := Topic + "-i"
	createTopics(2, t)
	p := client()
	var recs []*kgo.Record
	for i := 0; i < 100; i++ {
		recs = append(recs, &kgo.Record{Topic: t, Key: []byte(strconv.Itoa(i)), Value: []byte("v")})
	}
	Must(p.ProduceSync(ctx, recs...).FirstErr())
	p.Close()
	keys := map[string]bool{}
	got := readAll(t, 100)
	for _, r := range got {
		keys[string(r.Key)] = true
	}
	Check(len(got) == 100 && len(keys) == 100, "%d records, %d keys", len(got), len(keys))
}

func txn() {
	ti, tt := Topic+"-i", Topic+"-t"
	createTopics(2, tt)
	p := client(kgo.TransactionalID(Topic + "-x"))
	tx := func(k string, commit bool) {
		Must(p.BeginTransaction())
		var rs []*kgo.Record
		for i := 0; i < 10; i++ {
			rs = append(rs, &kgo.Record{Topic: tt, Key: []byte(strconv.Itoa(i)), Value: []byte(k)})
		}
		Must(p.ProduceSync(ctx, rs...).FirstErr())
		Must(p.EndTransaction(ctx, kgo.TransactionEndTry(commit)))
	}
	tx("a", true)
	tx("b", false)
	tx("c", true)
	p.Close()
	s := ""
	for _, r := range readAll(tt, 20, kgo.FetchIsolationLevel(kgo.ReadCommitted())) {
		s += string(r.Value)
	}
	na, nc := 0, 0
	for _, ch := range s {
		if ch == 'a' {
			na++
		} else if ch == 'c' {
			nc++
		}
	}
	Check(len(s) == 20 && na == 10 && nc == 10, "read_committed %q", s)
	ru := len(readAll(tt, 30))
	Check(ru == 30, "read_uncommitted %d", ru)
	// consume-transform-produce: read the idempotent topic's 100 records and write them, with the offsets, in transactions
	sess, err := kgo.NewGroupTransactSession(kgo.SeedBrokers(Boot), kgo.TransactionalID(Topic+"-y"), kgo.ConsumerGroup(Topic+"-tg"),
		kgo.ConsumeTopics(ti), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.RequireStableFetchOffsets())
	Must(err)
	for n, end := 0, time.Now().Add(40*time.Second); n < 100; {
		Check(time.Now().Before(end), "eos read %d", n)
		x, cancel := context.WithTimeout(ctx, time.Second)
		fs := sess.PollFetches(x)
		cancel()
		Must(sess.Begin())
		fs.EachRecord(func(r *kgo.Record) {
			n++
			sess.Produce(ctx, &kgo.Record{Topic: tt, Key: r.Key, Value: []byte("e")}, nil)
		})
		ok, err := sess.End(ctx, kgo.TryCommit)
		Must(err)
		Check(ok, "transaction was not committed")
	}
	sess.Close()
	of, err := a.FetchOffsetsForTopics(ctx, Topic+"-tg", ti)
	Must(err)
	n := int64(0)
	of.Each(func(o kadm.OffsetResponse) {
		if o.Err != nil && !errors.Is(o.Err, kerr.UnknownTopicOrPartition) {
			panic(o.Err)
		}
		n += o.At
	})
	Check(n == 100, "group offsets %d", n)
}

func main() {
	Run([]Phase{
		{"admin", func() { a = kadm.NewClient(client()); admin() }},
		{"produce", produce}, {"group", group}, {"timestamps", timestamps}, {"idempotent", idempotent}, {"txn", txn},
	})
}
