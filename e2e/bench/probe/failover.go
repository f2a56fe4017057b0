package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Nothing but requests, so that what is measured is the cluster and not how a client backs off: metadata is asked for again as soon as
// a leader fails or says that it is none, and after that every few milliseconds.
const (
	between   = 2 * time.Millisecond
	askAgain  = 5 * time.Millisecond
	ackWithin = 2 * time.Second
)

func oneRecord(value string) []byte {
	r := kmsg.Record{Value: []byte(value)}
	r.Length = int32(len(r.AppendTo(nil)) - 1)
	now := time.Now().UnixMilli()
	b := kmsg.RecordBatch{PartitionLeaderEpoch: -1, Magic: 2, FirstTimestamp: now, MaxTimestamp: now, ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: 1, Records: r.AppendTo(nil)}
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[8:], uint32(len(raw)-12))
	binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[21:], crc32.MakeTable(crc32.Castagnoli)))
	return raw
}

func failover(a []string) {
	boot, topic := a[0], a[1]
	c := client(boot, kgo.RequestRetries(0), kgo.DialTimeout(time.Second), kgo.RetryBackoffFn(func(int) time.Duration { return askAgain }))
	defer c.Close()
	var id [16]byte
	leader := int32(-1)
	look := func() {
		x, cn := context.WithTimeout(ctx, time.Second)
		defer cn()
		q := kmsg.NewPtrMetadataRequest()
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = kmsg.StringPtr(topic)
		q.Topics = append(q.Topics, t)
		m, err := q.RequestWith(x, c)
		if err != nil || len(m.Topics) == 0 || m.Topics[0].ErrorCode != 0 {
			return
		}
		id = m.Topics[0].TopicID
		for _, p := range m.Topics[0].Partitions {
			if p.Partition == 0 {
				leader = p.Leader
			}
		}
	}
	write := func() error {
		x, cn := context.WithTimeout(ctx, ackWithin)
		defer cn()
		q := kmsg.NewPtrProduceRequest()
		q.Acks, q.TimeoutMillis = -1, int32(ackWithin/time.Millisecond)
		t := kmsg.NewProduceRequestTopic()
		t.Topic, t.TopicID = topic, id
		p := kmsg.NewProduceRequestTopicPartition()
		p.Records = oneRecord("v")
		t.Partitions = append(t.Partitions, p)
		q.Topics = append(q.Topics, t)
		r, err := c.Broker(int(leader)).Request(x, q)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(r.(*kmsg.ProduceResponse).Topics[0].Partitions[0].ErrorCode)
	}
	for leader < 0 {
		look()
		time.Sleep(askAgain)
	}
	first, told := leader, false
	var last, start time.Time
	for start = time.Now(); time.Since(start) < 100*time.Second; {
		to := leader
		if to < 0 {
			look()
			time.Sleep(askAgain)
			continue
		}
		if err := write(); err != nil {
			look()
			time.Sleep(askAgain)
			continue
		}
		now := time.Now()
		if to != first {
			out(map[string]any{"from": first, "to": to, "last_ns": last.UnixNano(), "first_ns": now.UnixNano()})
			return
		}
		last = now
		if !told && time.Since(start) > 500*time.Millisecond {
			fmt.Printf("leader %d\n", first)
			told = true
		}
		time.Sleep(between)
	}
	must(fmt.Errorf("no other broker acknowledged a record of %s", topic))
}
