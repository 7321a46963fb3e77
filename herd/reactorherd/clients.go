package reactorherd

import (
	"proxyherd/factories"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
)

// clientFactory makes the sessions of the client port, as many as are allowed.
type clientFactory struct {
	factories.Factory
	server  *Server
	most    int   // 0: no bound
	refused int64 // so far
	full    bool  // and says so once
}

func newClientFactory(s *Server, most int) *clientFactory {
	return &clientFactory{server: s, most: most}
}

// BuildProtocol makes a session, or refuses the connection.
func (f *clientFactory) BuildProtocol(reactor.Address) reactor.Protocol {
	s := f.server
	if f.most > 0 && len(s.sessions) >= f.most {
		f.refused++
		if !f.full {
			f.full = true
			s.event(wirelog.Warn, "client refused: too many connections",
				wirelog.F("reason", "connections"), wirelog.F("limit", f.most))
		}
		return nil
	}
	f.full = false
	return newSession(s)
}
