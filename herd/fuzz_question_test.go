package herd

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"testing"
)

// slowRecord is a record as the digest sees it, worked out slowly.
type slowRecord struct {
	client, hash uint64
	line         string // with its end
}

func (r slowRecord) in(bits, first int) bool { return r.client>>(64-bits) == uint64(first) }

func slowRecords(s *Store) (all []slowRecord) {
	key := DigestKey(secret)
	for _, line := range linesOf(s) {
		text := []byte(line[:len(line)-1])
		all = append(all, slowRecord{slowSipHash(key, 1, 3, []byte(slowFields(text)[3])), slowSipHash(key, 1, 3, text), line})
	}
	return all
}

// slowQuestion is a question, read in the words of the protocol.
type slowQuestion struct {
	verb               string
	number             uint64
	bits, first, count int
	hashes             []uint64
}

// slowNumber reads digits that say at most most.
func slowNumber(text string, most uint64) (n uint64, ok bool) {
	value, ok := new(big.Int).SetString(text, 10)
	if !ok || !slowLimit.MatchString(text) || !value.IsUint64() || value.Uint64() > most {
		return 0, false
	}
	return value.Uint64(), true
}

func isSlowNumber(text string) bool {
	_, ok := slowNumber(text, 1<<64-1)
	return ok
}

func readSlowQuestion(line []byte) (q slowQuestion, ok bool) {
	fields := slowFields(line)
	counts := map[string][2]int{"ASKSUMS": {5, 5}, "ASKHASHES": {4, 4}, "ASKRECORDS": {4, 5}, "ASKALL": {2, 2}, "FOUND": {3, 3}}
	if n := counts[fields[0]]; len(fields) < n[0] || len(fields) > n[1] {
		return q, false
	}
	q.verb = fields[0]
	if q.number, ok = slowNumber(fields[1], 1<<64-1); !ok || q.verb == "ASKALL" {
		return q, ok
	}
	if q.verb == "FOUND" {
		return q, isSlowNumber(fields[2])
	}
	bits, ok := slowNumber(fields[2], fuzzBits)
	if !ok {
		return q, false
	}
	first, ok := slowNumber(fields[3], 1<<bits-1)
	q.bits, q.first = int(bits), int(first)
	ok = ok && (q.verb == "ASKSUMS" || bits == fuzzBits) // one bucket at a time
	switch {
	case q.verb == "ASKSUMS" && ok:
		var count uint64
		count, ok = slowNumber(fields[4], 1<<bits-first)
		q.count, ok = int(count), ok && count > 0
	case q.verb == "ASKRECORDS" && ok && len(fields) == 5:
		q.hashes, ok = slowNumbers(fields[4])
	}
	return q, ok
}

func slowNumbers(text string) (numbers []uint64, ok bool) {
	raw, err := base64.RawStdEncoding.DecodeString(text)
	for ; len(raw) >= 8; raw = raw[8:] {
		numbers = append(numbers, binary.BigEndian.Uint64(raw))
	}
	return numbers, err == nil && len(raw) == 0
}

// holdAnswer holds that a question is answered with what is so, and in lines that
// a neighbour takes.
func holdAnswer(t *testing.T, e *end, line []byte, all []slowRecord) {
	asked, err := Answer(e.store, fuzzBits, line, e)
	q, ok := readSlowQuestion(line)
	if (err == nil) != ok || err != nil && (!errors.Is(err, ErrBadQuestion) || asked != (Asked{}) || len(e.sent) > 0) {
		t.Fatalf("%q: %+v, %v, sent %q", line, asked, err, e.sent)
	}
	if err != nil {
		return
	}
	var got []string
	for _, sent := range e.sent {
		if len(sent) > MaxPeerLine+1 || bytes.IndexByte(sent, '\n') != len(sent)-1 {
			t.Fatalf("%q is answered %q", line, sent)
		}
		got = append(got, string(sent))
	}
	if want := slowAnswer(q, e.lagging, all); !slices.Equal(got, want) {
		t.Fatalf("%q is answered %q, want %q", line, got, want)
	}
	if asked.All != (q.verb == "ASKALL") || asked.Found != (q.verb == "FOUND") || asked.Differ < 0 || asked.All && asked.Number != q.number {
		t.Fatalf("%q leaves %+v to do", line, asked)
	}
}

// slowAnswer is what a question is to be answered, of a store of so few records
// that no answer needs a second line.
func slowAnswer(q slowQuestion, lagging bool, all []slowRecord) (lines []string) {
	numbers := func(list []uint64) string {
		var raw []byte
		for _, n := range list {
			raw = binary.BigEndian.AppendUint64(raw, n)
		}
		return base64.RawStdEncoding.EncodeToString(raw)
	}
	var in []slowRecord
	for _, r := range all {
		if r.in(q.bits, q.first) {
			in = append(in, r)
		}
	}
	if lagging && q.verb != "ASKALL" && q.verb != "FOUND" {
		return []string{fmt.Sprintf("BUSY %d\n", q.number)}
	}
	switch q.verb {
	case "ASKSUMS":
		sums := make([]uint64, q.count)
		for i := range sums {
			for _, r := range all {
				if r.in(q.bits, q.first+i) {
					sums[i] += r.hash
				}
			}
		}
		lines = append(lines, fmt.Sprintf("SUMS %d %d %d %d %s\n", q.number, q.bits, q.first, len(all), numbers(sums)))
	case "ASKHASHES":
		var hashes []uint64
		for _, r := range in {
			hashes = append(hashes, r.hash)
		}
		slices.Sort(hashes)
		lines = append(lines, fmt.Sprintf("HASHES %d %d %d last %s\n", q.number, q.bits, q.first, numbers(hashes)))
	case "ASKRECORDS":
		// In the order of the clients' hashes, each record once, however often it
		// was asked for.
		slices.SortFunc(in, func(a, b slowRecord) int { return cmp.Compare(a.client, b.client) })
		count, size := 0, 0
		for _, r := range in {
			if slices.Contains(q.hashes, r.hash) {
				lines = append(lines, r.line)
				count, size = count+1, size+len(r.line)
			}
		}
		lines = append(lines, fmt.Sprintf("RECORDS %d %d %d %d %d\n", q.number, q.bits, q.first, count, size))
	}
	return lines
}
