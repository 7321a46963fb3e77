package goroutineherd

import (
	"bytes"
	"errors"
	"math/bits"
	"slices"
	"sync"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/backbone"
	"proxyherd/herd/wirelog"
)

// errNoBus and errNoBackbone are mistakes of who makes a server.
var (
	errNoBus      = errors.New("goroutineherd: the settings have a backbone, and Options.Bus is nil")
	errNoBackbone = errors.New("goroutineherd: Options.Bus is given, and the settings have no backbone")
)

// seat is the server as its member on a backbone knows it: a backbone.Host.
//
// Twin: what the member does is done on a goroutine of its own, which takes calls from
// a queue.
type seat struct {
	server *Server
	from   *link  // stands for who has sent a record; it is never open
	news   []byte // what Take has returned

	unsaved []unsavedAnswer // in the order of their marks

	mu     sync.Mutex // guards what follows, and is taken under any other
	work   *sync.Cond
	posted []func()
	runs   bool
	ending bool
}

// unsavedAnswer is an answer to another server that waits for the journal.
type unsavedAnswer struct {
	mark uint64 // as herd.Backing.Mark
	give func()
}

// joins says which shards of clients the server holds, before it has records.
func (s *Server) joins(o *Options, settings *herd.Settings) error {
	if on := o.Config.Backbone.Kind != herd.BackboneLinks; !on && o.Bus == nil {
		return nil
	} else if !on {
		return errNoBackbone
	} else if o.Bus == nil {
		return errNoBus
	}
	me, _ := o.Config.Server(o.Name)
	shards := backbone.NewShards(settings.Key, o.Config.Backbone.Shards, me.Shards)
	if !shards.All() {
		settings.Holds = shards.Holds
	}
	s.seat = &seat{server: s, from: &link{server: s}}
	s.seat.work = sync.NewCond(&s.seat.mu)
	s.member = backbone.New(backbone.Options{
		Herd: o.Config.Herd, Name: o.Name, Boot: s.boot, Secrets: o.Keys, Future: o.Config.Future,
		Key: settings.Key, Bits: bits.Len(uint(o.Config.DigestBuckets)) - 1, Shards: shards,
		Timeout: time.Duration(o.Config.Backbone.Timeout),
		Bus:     o.Bus, Host: s.seat, NoCompare: o.Faulty.NoResync,
	})
	return nil
}

// start has the goroutine run, and the member begin on it.
func (t *seat) start() {
	t.mu.Lock()
	t.runs = true
	t.mu.Unlock()
	t.Post(t.server.member.Start)
	t.server.running.Go(t.run)
}

// run does what is posted, until end, and all that was posted before.
func (t *seat) run() {
	for {
		t.mu.Lock()
		for len(t.posted) == 0 && !t.ending {
			t.work.Wait()
		}
		if len(t.posted) == 0 {
			t.runs = false
			t.mu.Unlock()
			return
		}
		posted := t.posted
		t.posted = nil
		t.mu.Unlock()
		for _, f := range posted {
			t.guard(f)
		}
	}
}

// guard runs a piece of the member's code. A panic in it is the end of that piece.
func (t *seat) guard(f func()) {
	defer func() {
		if err := recovered(recover()); err != nil {
			t.server.event(wirelog.Error, "going on without a piece of work", withStack(err)...)
		}
	}()
	f()
}

// end has the member take its leave, and the goroutine end.
func (t *seat) end() {
	t.Post(t.server.member.Leave)
	t.mu.Lock()
	t.ending = true
	t.mu.Unlock()
	t.work.Signal()
}

// status asks the member on its goroutine; where that has ended, or not begun, here.
func (t *seat) status() *herd.BackboneStatus {
	answer := make(chan herd.BackboneStatus, 1)
	ask := func() { answer <- t.server.member.Status() }
	if !t.post(ask) {
		ask()
	}
	joined := <-answer
	return &joined
}

// Post implements backbone.Host, and so do those that follow.
func (t *seat) Post(f func()) { t.post(f) }

// post reports whether anybody will do it.
func (t *seat) post(f func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.runs {
		return false
	}
	t.posted = append(t.posted, f)
	t.work.Signal()
	return true
}

func (t *seat) Later(wait time.Duration, f func()) (cancel func()) {
	over := false // the goroutine's own
	timer := time.AfterFunc(wait, func() {
		t.Post(func() {
			if !over { // else it was stopped a moment too late
				f()
			}
		})
	})
	return func() {
		over = true
		timer.Stop()
	}
}

func (t *seat) Now() time.Time          { return time.Now() }
func (t *seat) Holdings() herd.Holdings { return t.server.store }

func (t *seat) Take(line []byte, from string) (news []byte, err error) {
	t.from.info.Peer = from
	desk := t.server.takeDesk(t.from)
	defer t.server.giveDesk(desk)
	// The desk passes on what is new: see desk.Put.
	if news, err = desk.node.ReceivePeer(line); news != nil {
		t.news = append(t.news[:0], news...) // the desk will be another's
		news = t.news
	}
	return news, err
}

func (t *seat) AppendRecord(dst, id []byte) []byte {
	t.server.store.visit(id, func(line []byte) { dst = append(dst, line...) })
	return dst
}

func (t *seat) Saved(f func()) {
	journal := t.server.journal
	if journal == nil {
		f()
		return
	}
	mark := journal.Mark()
	if saved, _ := journal.Settled(); mark <= saved {
		f()
		return
	}
	// What the journal decides from here on it tells after this.
	t.unsaved = append(t.unsaved, unsavedAnswer{mark, f})
}

// settle gives the answers that the journal has decided about; those that it refuses
// are not given.
func (t *seat) settle(saved, refused uint64) {
	for len(t.unsaved) > 0 && t.unsaved[0].mark <= max(saved, refused) {
		if t.unsaved[0].mark <= saved {
			t.unsaved[0].give()
		}
		t.unsaved[0].give = nil
		t.unsaved = t.unsaved[1:]
	}
}

func (t *seat) Event(level wirelog.Level, message string, fields ...wirelog.Field) {
	t.server.event(level, message, fields...)
}

// askOthers has a command carried out by a server that holds its client's shard. Its
// answer keeps its place among the answers.
func (c *session) askOthers(result herd.Result, line []byte) {
	s := c.server
	if c.queue == nil {
		c.queue = &answers{}
	}
	a := c.queue.wait(nil)
	a.since = s.elapsed()
	full := s.waiting.Add(1) > int64(s.limits.WaitingWhatsats)
	refusal := bytes.TrimSuffix(herd.AppendRefusal(nil, line), newline)
	switch {
	case full:
		s.refuseWhatsat()
		c.answered(a, refusal)
		return
	case result.Verb == herd.IAMAT:
		at := bytes.Clone(result.Answer)
		s.member.Report(at, func(took bool) {
			answer := refusal
			if took {
				answer = bytes.TrimSuffix(at, newline)
			}
			c.othersAnswered(func() { c.answered(a, answer) })
		})
	default:
		query := result.Query
		query.Radius = bytes.Clone(query.Radius)
		s.member.Ask(result.ID, func(record []byte) {
			c.othersAnswered(func() { c.found(a, query, record, refusal) })
		})
	}
	c.holdForAnswers()
}

// othersAnswered does what follows from an answer, unless the client is gone, or about
// to be.
func (c *session) othersAnswered(f func()) {
	c.guard(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.over && c.cause != causePanic {
			f()
			c.startSending()
		}
	})
}

// found goes on with a WHATSAT whose client's record is there, or is not.
func (c *session) found(a *answer, query herd.Query, record, refusal []byte) {
	query, known := query.Found(record)
	if !known {
		c.answered(a, refusal)
		return
	}
	c.queue.begin(a, slices.Concat(record, newline))
	c.askUpstream(a, query)
}
