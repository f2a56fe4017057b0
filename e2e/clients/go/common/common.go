// Package common holds what the three Go programs share: arguments, the runner of the phases (SPEC.md), small helpers.
package common

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	Boot, Topic string
	phase       = "start"
	Factor      = factor() // replicas of the topics it creates
	Codecs      = []string{"none", "gzip", "snappy", "lz4", "zstd"}
)

const N = 1000

// Phase is one of SPEC.md's.
type Phase struct {
	Name string
	Do   func()
}

func factor() int {
	n, err := strconv.Atoi(os.Getenv("FACTOR"))
	if err != nil {
		return 1
	}
	return n
}
func Must(err error) {
	if err != nil {
		panic(err)
	}
}
func Check(ok bool, format string, a ...any) {
	if !ok {
		panic(fmt.Sprintf(format, a...))
	}
}
func Await(f func() bool) {
	for end := time.Now().Add(15 * time.Second); !f(); time.Sleep(100 * time.Millisecond) {
		Check(time.Now().Before(end), "timed out")
	}
}
func Value(codec string, i int) []byte {
	s := fmt.Sprintf("%s-%d-", codec, i)
	return []byte(s + strings.Repeat("x", 100-len(s)))
}

// Run runs those of the phases that PHASES in the environment names; without it all.
func Run(phases []Phase) {
	Boot, Topic = os.Args[1], os.Args[2]
	wanted := os.Getenv("PHASES")
	defer func() {
		if e := recover(); e != nil {
			fmt.Printf("%s: %v\n", phase, e)
			os.Exit(1)
		}
	}()
	time.AfterFunc(150*time.Second, func() { fmt.Printf("%s: still running after 150 s\n", phase); os.Exit(1) })
	for _, p := range phases {
		if wanted == "" || slices.Contains(strings.Split(wanted, ","), p.Name) {
			phase = p.Name
			fmt.Fprintln(os.Stderr, phase)
			p.Do()
		}
	}
}
