package reactorherd

import (
	"bytes"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

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
func (s *Server) SetKeys(keys [][]byte) error {
	caps, err := s.capabilities()
	if err != nil {
		return err
	}
	identity, err := s.config.Identity(s.name, s.boot, keys, caps...)
	if err != nil {
		return err
	}
	s.identity = identity
	s.event(wirelog.Info, "secrets replaced", wirelog.F("secrets", len(keys)))
	return nil
}

// capabilities are those that this server says that it has. One of them tells
// under which secret the records are hashed, so they outlive that secret.
func (s *Server) capabilities() ([]string, error) {
	line := herd.NewDialler(s.identity, s.name, herd.Nonce{}).Start()
	hello, err := herd.ParseHello(bytes.TrimSuffix(line, []byte{'\n'}))
	return hello.Caps, err
}
