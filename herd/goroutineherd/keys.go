package goroutineherd

import "proxyherd/herd/wirelog"

// SetKeys gives the server other secrets, as Config.Identity takes them, for the
// handshakes that begin from now on; links that are open stay so. The error wraps
// herd.ErrKeyCount or herd.ErrShortSecret, and the secrets are then the old ones.
// The slices are kept, and must not be changed. What reactorherd says of replacing a
// secret step by step holds here too.
//
// Twin: handshakes read the identity meanwhile, so it is replaced at one stroke, by
// an atomic pointer.
func (s *Server) SetKeys(keys [][]byte) error {
	identity, err := s.config.Identity(s.name, s.boot, keys, s.caps...)
	if err != nil {
		return err
	}
	s.identity.Store(identity)
	if s.member != nil {
		s.seat.Post(func() { s.member.SetSecrets(keys) })
	}
	s.event(wirelog.Info, "secrets replaced", wirelog.F("secrets", len(keys)))
	return nil
}
