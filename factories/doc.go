// Package factories has the bases that a factory embeds, ready-made policies
// that wrap other factories, and ClientCreator (the factories of
// twisted/internet/protocol.py, and twisted/protocols/policies.py).
//
// A factory adds BuildProtocol to the base that it embeds:
//
//	type Server struct {
//		factories.ServerFactory
//		store *Store
//	}
//
//	func (s *Server) BuildProtocol(reactor.Address) reactor.Protocol {
//		return &Session{server: s}
//	}
//
// Forgetting it does not compile. Where nothing else is needed, ForProtocol
// makes a factory of a function.
//
// A policy wraps a factory and is handed to the reactor in its place. A factory
// that refuses a connection, by a nil protocol, refuses it through every policy
// here (Twisted's wrap the None and fail later).
package factories
