package reactorherd

import "proxyherd/herd/wirelog"

// SetKeys gives the server other secrets, as Config.Identity takes them, for the
// handshakes that begin from now on; links that are open stay so. The error wraps
// herd.ErrKeyCount or herd.ErrShortSecret, and the secrets are then the old ones.
// Call it on the loop. The slices are kept, and must not be changed.
//
// A secret is replaced without losing a link in three steps, each at all servers
// before the next: the old one first and the new one second; the new one first;
// the new one alone. Records stay hashed under the first secret of the start, and
// the HELLO goes on saying so: neighbours of which one was started anew in the
// meantime compare nothing, but send each other everything when their link opens.
//
// Twin: it is called on the loop.
func (s *Server) SetKeys(keys [][]byte) error {
	identity, err := s.config.Identity(s.name, s.boot, keys, s.caps...)
	if err != nil {
		return err
	}
	s.identity = identity
	if s.member != nil {
		s.member.SetSecrets(keys)
	}
	s.event(wirelog.Info, "secrets replaced", wirelog.F("secrets", len(keys)))
	return nil
}
