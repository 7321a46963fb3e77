package backbone

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// Options is what a Member is made of.
type Options struct {
	Herd, Name string
	Boot       herd.Boot
	Secrets    [][]byte      // as Config.Identity takes them
	Future     herd.Duration // the herd's, in whole seconds

	Key    herd.HashKey // of the digest
	Bits   int          // log2 of its buckets
	Shards Shards
	// Timeout is how long an answer of those who hold a shard is waited for.
	Timeout time.Duration

	Bus  Bus
	Host Host

	// NoCompare is a mistake for the simulator: what was lost stays lost.
	NoCompare bool
}

// Member is a server's part in a herd on a bus. New makes it. Send, Report, Ask and
// what a Receiver has may be called on any goroutine; the rest only by what Host.Post
// has called.
type Member struct {
	o       Options
	prefix  string
	sealer  *sealer
	started time.Time
	out     outgoing

	up, left bool
	next     func()  // cancels the next beat
	beats    uint64  // so far
	peers    []*peer // by name, then boot
	shards   []*shard
	owners   []herd.Boot // who was asked last about each shard
	messages []uint64    // published so far, of each shard
	cut      [][]byte    // of what is published, each shard's; used again

	number    uint64               // of questions, so far
	questions map[uint64]*question // to owners
	exchanges map[uint64]*exchange // with others who hold a shard

	status  herd.BackboneStatus
	toldOf  map[string]time.Time // when the log was told of what is refused, by why
	lastWhy error
}

// BeatEvery is how often members say that they are there, and SilenceMost how long one
// is believed to be who does not.
const (
	BeatEvery   = herd.BeatEvery
	SilenceMost = herd.SilenceMost
)

// New makes a member that does nothing before Start.
func New(o Options) *Member {
	m := &Member{
		o: o, prefix: "proxyherd." + token(o.Herd) + ".",
		sealer:   newSealer(o.Secrets, int64(time.Duration(o.Future)/time.Second), o.Shards.Count()),
		owners:   make([]herd.Boot, o.Shards.Count()),
		messages: make([]uint64, o.Shards.Count()), cut: make([][]byte, o.Shards.Count()),
		questions: map[uint64]*question{}, exchanges: map[uint64]*exchange{}, toldOf: map[string]time.Time{},
	}
	for number := range o.Shards.Count() {
		if o.Shards.Has(number) {
			m.shards = append(m.shards, &shard{number: number, sync: herd.Unknown})
		}
	}
	return m
}

// token is a name as a part of a subject: what has a meaning there, or could not be
// read, is written as "=" and two hex digits.
func token(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}

// What a subject begins with, after the herd's prefix.
const (
	here  = "here" // who is there
	at    = "at."  // records, by shard
	to    = "to."  // questions to one member, by boot
	reply = "re."  // and their answers, by who has asked, and the question's number
)

// Start connects to the bus.
func (m *Member) Start() {
	m.started = m.o.Host.Now()
	subjects := []string{m.prefix + here, m.prefix + to + m.o.Boot.String(), m.prefix + reply + m.o.Boot.String() + ".*"}
	if m.o.Shards.All() {
		subjects = append(subjects, m.prefix+at+"*")
	} else {
		for _, s := range m.shards {
			subjects = append(subjects, m.prefix+at+strconv.Itoa(s.number))
		}
	}
	m.next = m.o.Host.Later(BeatEvery, m.beat)
	m.o.Bus.Start(subjects, m)
}

// Leave tells the others that the server stops. What is asked after it nobody answers.
func (m *Member) Leave() {
	m.left = true
	m.next()
	m.flush()
	m.publish(here, "", []byte(leaving+"\n"))
}

// SetSecrets gives the member other secrets, as Config.Identity takes them. The digest
// stays under the first of its start.
func (m *Member) SetSecrets(secrets [][]byte) {
	m.sealer = newSealer(secrets, int64(time.Duration(m.o.Future)/time.Second), m.o.Shards.Count())
}

// Opened is a Receiver's.
func (m *Member) Opened() { m.o.Host.Post(m.opened) }

func (m *Member) opened() {
	if m.left {
		return
	}
	m.up = true
	m.status.Opened++
	m.o.Host.Event(wirelog.Info, "backbone connected")
	// What was said meanwhile is lost.
	for _, s := range m.shards {
		s.due = true
	}
	m.sayHere()
}

// Lost is a Receiver's.
func (m *Member) Lost(why error) {
	m.o.Host.Post(func() {
		m.lastWhy = why
		if m.up {
			m.up = false
			m.o.Host.Event(wirelog.Warn, "backbone lost", wirelog.F("error", why))
		}
	})
}

// Missed is a Receiver's.
func (m *Member) Missed() {
	m.o.Host.Post(func() {
		m.status.Missed++
		for _, s := range m.shards {
			s.due = true
		}
	})
}

// Received is a Receiver's.
func (m *Member) Received(batch []Message, taken func()) {
	m.o.Host.Post(func() {
		defer taken() // a panic must not make the bus wait for ever
		for i := range batch {
			m.received(&batch[i])
		}
	})
}

// received takes one message.
func (m *Member) received(message *Message) {
	subject, ours := strings.CutPrefix(message.Subject, m.prefix)
	if !ours || m.left {
		return
	}
	if message.Unheard {
		m.unheard(subject)
		return
	}
	h, body, err := m.sealer.open(message)
	if err != nil {
		m.refuse(h, err)
		return
	}
	if h.boot == m.o.Boot {
		return // our own, where a bus gives it back
	}
	m.status.Received++
	switch kind, rest, _ := strings.Cut(subject, "."); kind + "." {
	case here + ".":
		m.presence(h, body)
	case at:
		m.records(h, rest, body)
	case to:
		m.asked(h, message.Reply, body)
	case reply:
		m.answered(subject, h, body)
	}
}

// records takes what another server has taken from its clients.
func (m *Member) records(h head, number string, body []byte) {
	if p := m.peer(h.boot); p != nil {
		if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < m.o.Shards.Count() {
			m.inTurn(p, n, h.number)
		}
	}
	eachLine(body, func(line []byte) { m.take(line, h.from) })
}

// take gives the server a record, and counts what comes of it.
func (m *Member) take(line []byte, from string) (news []byte, err error) {
	news, err = m.o.Host.Take(line, from)
	switch {
	case err != nil:
		m.status.Dropped++
		m.tell(herd.Reason(err), "line dropped", from, err)
	case news != nil:
		m.status.Taken++
	default:
		m.status.Stale++
	}
	return news, err
}

// inTurn looks whether messages of a shard are missing, and remembers to compare it
// with who has sent them.
func (m *Member) inTurn(p *peer, number int, message uint64) {
	last := p.messages[number]
	if message > last {
		p.messages[number] = message
	}
	if last == 0 || message <= last+1 {
		return
	}
	m.status.Missed++
	for _, s := range m.shards {
		if s.number == number {
			s.due, s.with = true, p.boot
		}
	}
}

// publish sends a message that is no question.
func (m *Member) publish(subject, reply string, body []byte) {
	h := head{from: m.o.Name, boot: m.o.Boot}
	switch number, isRecords := strings.CutPrefix(subject, at); {
	case isRecords:
		n, _ := strconv.Atoi(number) // our own
		m.messages[n]++
		h.number = m.messages[n]
	case subject == here:
		m.beats++
		h.number = m.beats
	}
	m.send(m.prefix+subject, reply, h, body)
}

// send seals a message, and hands it to the bus.
func (m *Member) send(subject, reply string, h head, body []byte) bool {
	if !m.up || !m.o.Bus.Publish(m.sealer.seal(subject, reply, h, body)) {
		m.status.Unsent++
		return false
	}
	m.status.Published++
	return true
}

// refuse counts a message that is not heeded, and tells the log.
func (m *Member) refuse(h head, why error) {
	m.status.Refused++
	m.tell(cmp.Or(herd.Reason(why), why.Error()), "message refused", h.from, why)
}

// tellEvery is how often the log is told of one thing at most.
const tellEvery = time.Minute

func (m *Member) tell(key, what, from string, why error) {
	now := m.o.Host.Now()
	if last, told := m.toldOf[key]; told && now.Sub(last) < tellEvery {
		return
	}
	m.toldOf[key] = now
	m.o.Host.Event(wirelog.Warn, what, wirelog.F("from", from), wirelog.F("error", why))
}
