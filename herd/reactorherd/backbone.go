package reactorherd

import (
	"bytes"
	"errors"
	"math/bits"
	"slices"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/backbone"
	"proxyherd/herd/wirelog"
)

// errNoBus and errNoBackbone are mistakes of who makes a server.
var (
	errNoBus      = errors.New("reactorherd: the settings have a backbone, and Options.Bus is nil")
	errNoBackbone = errors.New("reactorherd: Options.Bus is given, and the settings have no backbone")
)

// seat is the server as its member on a backbone knows it: a backbone.Host.
//
// Twin: what the member does is done on the loop.
type seat struct {
	server *Server
	from   *link // stands for who has sent a record; it is never open

	unsaved []unsavedAnswer // in the order of their marks
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
	s.member = backbone.New(backbone.Options{
		Herd: o.Config.Herd, Name: o.Name, Boot: s.boot, Secrets: o.Keys, Future: o.Config.Future,
		Key: settings.Key, Bits: bits.Len(uint(o.Config.DigestBuckets)) - 1, Shards: shards,
		Timeout: time.Duration(o.Config.Backbone.Timeout),
		Bus:     o.Bus, Host: s.seat, NoCompare: o.Faulty.NoResync,
	})
	return nil
}

// Post implements backbone.Host, and so do those that follow.
func (t *seat) Post(f func()) { t.server.reactor.CallFromThread(f) }

func (t *seat) Later(wait time.Duration, f func()) (cancel func()) {
	call := t.server.reactor.CallLater(wait, f)
	return func() { _ = call.Cancel() } // it may have been called
}

func (t *seat) Now() time.Time          { return t.server.reactor.Seconds() }
func (t *seat) Holdings() herd.Holdings { return t.server.node.Store() }

func (t *seat) Take(line []byte, from string) (news []byte, err error) {
	news, err = t.server.node.ReceivePeer(line)
	if news != nil {
		t.from.info.Peer = from
		t.server.passOn(news, t.from)
	}
	return news, err
}

func (t *seat) AppendRecord(dst, id []byte) []byte {
	var r herd.Record
	if t.server.node.Store().Get(id, &r) {
		dst = r.AppendLine(dst)
	}
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
	full := s.waiting >= s.limits.WaitingWhatsats
	a := c.queue.wait(nil)
	a.since = s.elapsed()
	s.waiting++
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
		if c.place != notThere && c.cause != causePanic {
			f()
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
