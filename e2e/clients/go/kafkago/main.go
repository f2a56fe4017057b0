// kafka-go (segmentio). It has no idempotent or transactional writer: of transactions only the calls themselves, through Client.
package main

import (
	"context"
	"strconv"
	"time"

	. "matrix/common"

	"github.com/segmentio/kafka-go"
)

var (
	ctx = context.Background()
	cl  *kafka.Client
	mid time.Time
)

func admin() {
	ct, err := cl.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{Topic: Topic, NumPartitions: 3, ReplicationFactor: Factor}, {Topic: Topic + "-d", NumPartitions: 1, ReplicationFactor: Factor}}})
	Must(err)
	for _, e := range ct.Errors {
		Must(e)
	}
	al, err := cl.IncrementalAlterConfigs(ctx, &kafka.IncrementalAlterConfigsRequest{Resources: []kafka.IncrementalAlterConfigsRequestResource{{ResourceType: kafka.ResourceTypeTopic, ResourceName: Topic,
		Configs: []kafka.IncrementalAlterConfigsRequestConfig{{Name: "retention.ms", Value: "3600000", ConfigOperation: kafka.ConfigOperationSet}}}}})
	Must(err)
	Must(al.Resources[0].Error)
	Await(func() bool {
		d, err := cl.DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{Resources: []kafka.DescribeConfigRequestResource{{ResourceType: kafka.ResourceTypeTopic, ResourceName: Topic, ConfigNames: []string{"retention.ms"}}}})
		Must(err)
		return len(d.Resources[0].ConfigEntries) == 1 && d.Resources[0].ConfigEntries[0].ConfigValue == "3600000"
	})
	cp, err := cl.CreatePartitions(ctx, &kafka.CreatePartitionsRequest{Topics: []kafka.TopicPartitionsConfig{{Name: Topic, Count: 4}}})
	Must(err)
	for _, e := range cp.Errors {
		Must(e)
	}
	partitions := func(names ...string) map[string]int {
		m, err := cl.Metadata(ctx, &kafka.MetadataRequest{Topics: names})
		Must(err)
		out := map[string]int{}
		for _, t := range m.Topics {
			if t.Error == nil {
				out[t.Name] = len(t.Partitions)
			}
		}
		return out
	}
	Await(func() bool { return partitions(Topic)[Topic] == 4 })
	dt, err := cl.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{Topic + "-d"}})
	Must(err)
	for _, e := range dt.Errors {
		Must(e)
	}
	Await(func() bool { _, ok := partitions()[Topic+"-d"]; return !ok })
}

func produce() {
	for n, codec := range Codecs {
		if n == 3 {
			time.Sleep(50 * time.Millisecond)
			mid = time.Now()
			time.Sleep(50 * time.Millisecond)
		}
		w := &kafka.Writer{Addr: kafka.TCP(Boot), Topic: Topic, Balancer: &kafka.Hash{}, RequiredAcks: kafka.RequireAll, BatchTimeout: 5 * time.Millisecond,
			Compression: map[string]kafka.Compression{"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd}[codec]}
		var ms []kafka.Message
		for i := 0; i < N; i++ {
			ms = append(ms, kafka.Message{Key: []byte("k" + strconv.Itoa(i)), Value: Value(codec, i), Headers: []kafka.Header{{Key: "codec", Value: []byte(codec)}, {Key: "i", Value: []byte(strconv.Itoa(i))}}})
		}
		Must(w.WriteMessages(ctx, ms...))
		Must(w.Close())
	}
}

func group() {
	seen := map[string]bool{}
	consume := func(until int) {
		r := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{Boot}, GroupID: Topic + "-g", Topic: Topic, StartOffset: kafka.FirstOffset, MaxWait: 500 * time.Millisecond})
		x, cancel := context.WithTimeout(ctx, 60*time.Second)
		defer cancel()
		var last []kafka.Message
		for len(seen) < until {
			m, err := r.FetchMessage(x)
			Must(err)
			codec := string(m.Headers[0].Value)
			i, _ := strconv.Atoi(string(m.Headers[1].Value))
			Check(string(m.Key) == "k"+strconv.Itoa(i) && string(m.Value) == string(Value(codec, i)), "content")
			k := codec + strconv.Itoa(i)
			Check(!seen[k], "twice: %s", k)
			seen[k] = true
			last = append(last, m)
		}
		Must(r.CommitMessages(x, last...))
		Must(r.Close())
	}
	consume(2500)
	consume(5000)
}

func timestamps() {
	sum := func(req kafka.OffsetRequest) (n, none int64) {
		var rs []kafka.OffsetRequest
		for p := 0; p < 4; p++ {
			req.Partition = p
			rs = append(rs, req)
		}
		l, err := cl.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{Topic: rs}})
		Must(err)
		for _, p := range l.Topics[Topic] {
			Must(p.Error)
			for o := range p.Offsets {
				if o >= 0 {
					n += o
				} else {
					none++
				}
			}
			if req.Timestamp == kafka.LastOffset {
				n += p.LastOffset
			}
		}
		return
	}
	n, _ := sum(kafka.TimeOffsetOf(0, mid))
	Check(n == 3000, "mid %d", n)
	n, _ = sum(kafka.TimeOffsetOf(0, time.UnixMilli(1)))
	Check(n == 0, "zero %d", n)
	_, none := sum(kafka.TimeOffsetOf(0, mid.Add(24*time.Hour)))
	Check(none == 4, "future %d", none)
	n, _ = sum(kafka.LastOffsetOf(0))
	Check(n == 5000, "end %d", n)
	of, err := cl.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: Topic + "-g", Topics: map[string][]int{Topic: {0, 1, 2, 3}}})
	Must(err)
	n = 0
	for _, p := range of.Topics[Topic] {
		n += p.CommittedOffset
	}
	Check(n == 5000, "committed %d", n)
}

func txn() {
	ip, err := cl.InitProducerID(ctx, &kafka.InitProducerIDRequest{TransactionalID: Topic + "-x", TransactionTimeoutMs: 30000})
	Must(err)
	Must(ip.Error)
	Check(ip.Producer.ProducerID >= 0, "producer id")
	ap, err := cl.AddPartitionsToTxn(ctx, &kafka.AddPartitionsToTxnRequest{TransactionalID: Topic + "-x", ProducerID: ip.Producer.ProducerID, ProducerEpoch: ip.Producer.ProducerEpoch,
		Topics: map[string][]kafka.AddPartitionToTxn{Topic: {{Partition: 0}}}})
	Must(err)
	Must(ap.Topics[Topic][0].Error)
	et, err := cl.EndTxn(ctx, &kafka.EndTxnRequest{TransactionalID: Topic + "-x", ProducerID: ip.Producer.ProducerID, ProducerEpoch: ip.Producer.ProducerEpoch, Committed: false})
	Must(err)
	Must(et.Error)
}

func main() {
	Run([]Phase{
		{"admin", func() { cl = &kafka.Client{Addr: kafka.TCP(Boot), Timeout: 15 * time.Second}; admin() }},
		{"produce", produce}, {"group", group}, {"timestamps", timestamps}, {"txn", txn},
	})
}
