package backbone

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"proxyherd/herd"
)

// Why a message is not heeded.
var (
	errNoHead      = errors.New("the message does not begin as those of a herd do")
	errBadMAC      = errors.New("the message is not proved by the herd's secret")
	errOtherTerms  = errors.New("its sender has another future, or another number of shards")
	errNotALine    = errors.New("the message has text that is no line")
	errOtherDigest = errors.New("its sender hashes records otherwise: it was started while the secret was replaced, or has other digest_buckets")
)

// headVerb and version begin every message.
const (
	headVerb = "HERD"
	version  = "1"
)

// head is the first line of a message:
//
//	HERD 1 <from> <boot> <number> <future in seconds> <shards> <HMAC-SHA256 in hex>
//
// The MAC is over the subject, the reply's subject, this line up to the blank before
// the MAC, and what follows the line, each but the last with an LF behind it. So a
// message cannot be made, changed, or moved to another subject by who has not the
// secret. It can be repeated; what comes of that is nothing, as an old record loses, an
// old presence has an old number, and an answer belongs to one question.
type head struct {
	from   string
	boot   herd.Boot
	number uint64 // counts what the sender publishes under one subject, from 1; 0: uncounted
}

// sealer makes heads and proves them.
type sealer struct {
	terms string   // the fields that all members share
	keys  [][]byte // the first proves us, any proves another
}

// newSealer takes the herd's secrets.
func newSealer(secrets [][]byte, futureSeconds int64, shards int) *sealer {
	s := &sealer{terms: fmt.Sprintf("%d %d", futureSeconds, shards)}
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte("proxyherd backbone 1"))
		s.keys = append(s.keys, mac.Sum(nil))
	}
	return s
}

// seal returns a message with its head.
func (s *sealer) seal(subject, reply string, h head, body []byte) Message {
	data := make([]byte, 0, len(body)+192+len(h.from))
	data = fmt.Appendf(data, "%s %s %s %v %d %s", headVerb, version, h.from, h.boot, h.number, s.terms)
	mac := proof(s.keys[0], subject, reply, data, body)
	data = append(hex.AppendEncode(append(data, ' '), mac), '\n')
	return Message{Subject: subject, Reply: reply, Data: append(data, body...)}
}

func proof(key []byte, subject, reply string, head, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, piece := range [][]byte{[]byte(subject), []byte(reply), head} {
		mac.Write(piece)
		mac.Write(newline)
	}
	mac.Write(body)
	return mac.Sum(nil)
}

var newline = []byte{'\n'}

// open proves a message, and returns who has sent it, and the lines after its head.
func (s *sealer) open(m *Message) (h head, body []byte, err error) {
	line, body, found := bytes.Cut(m.Data, newline)
	end := bytes.LastIndexByte(line, ' ')
	fields := bytes.Split(line, []byte{' '})
	if !found || len(fields) != 8 || string(fields[0]) != headVerb || string(fields[1]) != version {
		return head{}, nil, errNoHead
	}
	claimed, err := hex.DecodeString(string(fields[7]))
	if err != nil {
		return head{}, nil, errNoHead
	}
	proved := false
	for _, key := range s.keys {
		proved = proved || hmac.Equal(claimed, proof(key, m.Subject, m.Reply, line[:end], body))
	}
	if !proved {
		return head{}, nil, errBadMAC
	}
	boot, err := strconv.ParseUint(string(fields[3]), 16, 64)
	if err != nil {
		return head{}, nil, errNoHead
	}
	h = head{from: string(fields[2]), boot: herd.Boot(boot)}
	if h.number, err = strconv.ParseUint(string(fields[4]), 10, 64); err != nil {
		return head{}, nil, errNoHead
	}
	if string(fields[5])+" "+string(fields[6]) != s.terms {
		return h, nil, errOtherTerms
	}
	if len(body) > 0 && body[len(body)-1] != '\n' {
		return h, nil, errNotALine
	}
	return h, body, nil
}

// eachLine shows the lines of a body, without their ends.
func eachLine(body []byte, visit func(line []byte)) {
	for len(body) > 0 {
		line, rest, _ := bytes.Cut(body, newline)
		body = rest
		visit(line)
	}
}

// pieceSize is about how many bytes of lines a message has at most: with one line more
// and its head it is within MaxData.
const pieceSize = 64 << 10

// pieces cuts lines into bodies of messages.
func pieces(lines []byte, visit func(body []byte)) {
	for len(lines) > pieceSize {
		end := pieceSize + bytes.IndexByte(lines[pieceSize:], '\n') + 1
		visit(lines[:end])
		lines = lines[end:]
	}
	if len(lines) > 0 {
		visit(lines)
	}
}
