package reactorherd

import (
	"time"

	"proxyherd/factories"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
)

// clientFactory makes the sessions of the client port, as many as are allowed.
type clientFactory struct {
	factories.Factory
	server *Server
	most   int       // 0: no bound
	said   time.Time // when the log was last told
}

func newClientFactory(s *Server, most int) *clientFactory {
	return &clientFactory{server: s, most: most}
}

// tooMany is why a client is refused.
const tooMany = "connections"

// BuildProtocol makes a session, or refuses the connection.
func (f *clientFactory) BuildProtocol(reactor.Address) reactor.Protocol {
	s := f.server
	if f.most > 0 && len(s.sessions) >= f.most {
		s.closed[tooMany]++
		// Once a second is enough: they come by the thousand.
		if now := s.reactor.Seconds(); now.Sub(f.said) >= time.Second {
			f.said = now
			s.event(wirelog.Warn, "client refused: too many connections",
				wirelog.F("reason", tooMany), wirelog.F("limit", f.most), wirelog.F("refused", s.closed[tooMany]))
		}
		return nil
	}
	return newSession(s)
}
