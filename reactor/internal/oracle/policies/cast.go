package policies

import (
	"io"
	"strconv"
	"strings"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/internal/oracle/scenario"
)

// choose makes the factory, an ordinary WrappingFactory if the first statement
// names none.
func (p *player) choose(w scenario.Words) {
	wrapping := factories.WrappingFactory{WrappedFactory: &innerFactory{player: p}}
	if w.Word(0) == "factory" {
		p.kind = w.Word(1)
	}
	switch p.kind {
	case "throttle":
		p.limits = [2]int{w.Int(3), w.Int(4)}
		p.factory = &factories.ThrottlingFactory{
			WrappingFactory: wrapping, Clock: &p.clock,
			MaxConnectionCount: w.Int(2), ReadLimit: w.Int(3), WriteLimit: w.Int(4),
		}
	case "timeout":
		p.factory = &factories.TimeoutFactory{WrappingFactory: wrapping, Clock: &p.clock, TimeoutPeriod: w.Ticks(2)}
	case "limit":
		f := &factories.LimitTotalConnectionsFactory{ConnectionLimit: w.Int(2)}
		f.Protocol = func(reactor.Address) reactor.Protocol { return p.inner("ordinary") }
		if w.Int(3) != 0 {
			f.OverflowProtocol = func(reactor.Address) reactor.Protocol { return p.inner("overflow") }
		}
		p.factory = f
	case "traffic":
		p.factory = &factories.TrafficLoggingFactory{
			WrappingFactory: wrapping, Prefix: "log", LengthLimit: w.Int(2),
			Open: func(name string) (io.WriteCloser, error) {
				p.stage.Note("opened", name)
				return logFile{p.stage}, nil
			},
		}
	default:
		p.factory = &wrapping
	}
}

// innerFactory is the factory inside.
type innerFactory struct {
	factories.ClientFactory
	player *player
}

func (f *innerFactory) BuildProtocol(reactor.Address) reactor.Protocol {
	return f.player.inner("ordinary")
}

func (f *innerFactory) StartFactory() { f.player.stage.Note("factory", "started") }
func (f *innerFactory) StopFactory()  { f.player.stage.Note("factory", "stopped") }

func (f *innerFactory) StartedConnecting(reactor.Connector) {
	f.player.stage.Note("factory", "connecting")
}

func (f *innerFactory) ClientConnectionFailed(_ reactor.Connector, reason error) {
	f.player.stage.Note("factory", "failed", reasonName(reason))
}

func (f *innerFactory) ClientConnectionLost(_ reactor.Connector, reason error) {
	f.player.stage.Note("factory", "ended", reasonName(reason))
}

// inner is the protocol inside.
type inner struct {
	protocols.Protocol
	protocols.TimeoutMixin
	stage      *scenario.Stage
	name, part string
	registered bool
}

// inner makes the protocol of the connection that is being built.
func (p *player) inner(part string) *inner {
	i := &inner{stage: p.stage, name: p.building, part: part, TimeoutMixin: protocols.TimeoutMixin{Clock: &p.clock}}
	p.connections[p.building] = &connection{inner: i}
	return i
}

func (i *inner) ConnectionMade() {
	i.stage.Note("made", i.name, i.part)
	i.stage.Enter("made")
}

func (i *inner) DataReceived(_ reactor.Protocol, data []byte) error {
	i.stage.Note("received", i.name, scenario.Quote(data))
	i.stage.Enter("received")
	return nil
}

func (i *inner) ConnectionLost(reason error) {
	i.stage.Note("lost", i.name, reasonName(reason))
	i.stage.Enter("lost")
}

// TimeoutConnection is TimeoutMixin's: as its default, and an event.
func (i *inner) TimeoutConnection() {
	i.stage.Note("timeout", i.name)
	i.stage.Enter("timeout")
	i.Transport.LoseConnection()
}

// timeout plays a statement about the time of a TimeoutProtocol or, with any
// other factory, of the TimeoutMixin of the protocol inside.
func (p *player) timeout(w scenario.Words, c *connection) {
	outer, isWrapper := c.outer.(*factories.TimeoutProtocol)
	switch what := w.Word(0); {
	case what == "setTimeout" && isWrapper:
		if w.Ticks(2) <= 0 {
			p.stage.Note("kept", w.Word(1)) // the period before
		}
		outer.SetTimeout(max(w.Ticks(2), 0))
	case what == "cancelTimeout" && isWrapper:
		outer.CancelTimeout()
	case what == "resetTimeout" && isWrapper:
		outer.ResetTimeout()
	case what == "setTimeout":
		p.stage.Note("previous", scenario.InTicks(c.inner.SetTimeout(c.inner, w.Ticks(2))))
	case what == "cancelTimeout":
		p.stage.Note("previous", scenario.InTicks(c.inner.SetTimeout(c.inner, 0)))
	default:
		c.inner.ResetTimeout()
	}
}

// producer is what an inner registers.
type producer struct{ *inner }

func (i producer) PauseProducing()  { i.stage.Note("producer", i.name, "paused") }
func (i producer) ResumeProducing() { i.stage.Note("producer", i.name, "resumed") }
func (i producer) StopProducing()   { i.stage.Note("producer", i.name, "stopped") }

// logFile notes the lines of a traffic log, with quotes as in scripts.
type logFile struct{ stage *scenario.Stage }

func (f logFile) Close() error { return nil }

func (f logFile) Write(line []byte) (int, error) {
	where, what, found := strings.Cut(strings.TrimSuffix(string(line), "\n"), ": ")
	words := []any{"logged", where}
	switch {
	case !found || what == "*":
		words = append(words, what)
	case strings.HasPrefix(what, `"`), strings.HasPrefix(what, "["):
		for quoted := strings.Trim(what, "[]"); quoted != ""; {
			one, err := strconv.QuotedPrefix(quoted)
			if err != nil {
				return 0, err
			}
			data, err := strconv.Unquote(one)
			if err != nil {
				return 0, err
			}
			words = append(words, scenario.Quote(data))
			quoted = strings.TrimPrefix(quoted[len(one):], " ")
		}
	default: // why the connection was lost: Twisted writes a traceback
		words = append(words, "reason")
	}
	f.stage.Note(words...)
	return len(line), nil
}
