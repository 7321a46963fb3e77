package herd

import "fmt"

// Listen is where a server listens, for those of its addresses that are not the
// ones which others dial: behind an address that is forwarded, or on every address
// of a machine that is known by a name.
type Listen struct {
	// Clients is the "host:port" to listen on for clients. Empty: Server.Clients.
	Clients string `json:"clients"`

	// Peers is that for neighbours. Empty: Server.Peers.
	Peers string `json:"peers"`

	// HTTP is that of the status page. Empty: Server.HTTP.
	HTTP string `json:"http"`
}

// The places of a server's addresses in addressKeys.
const (
	clientsKey = iota
	peersKey
	httpKey
)

// addresses are those that others dial.
func (s *Server) addresses() [len(addressKeys)]string { return [...]string{s.Clients, s.Peers, s.HTTP} }

func (l *Listen) addresses() [len(addressKeys)]string { return [...]string{l.Clients, l.Peers, l.HTTP} }

// Bound is where the server listens: as Listen says, and else where others dial it.
// An address that it does not have is empty.
func (s *Server) Bound() Listen {
	bound := s.addresses()
	for k, text := range s.Listen.addresses() {
		if text != "" {
			bound[k] = text
		}
	}
	return Listen{Clients: bound[clientsKey], Peers: bound[peersKey], HTTP: bound[httpKey]}
}

// checkListen checks where servers[i] listens. Servers are on machines of their own
// where this is said, so only one's own addresses are compared.
func checkListen(s Server, i int) (errs []error) {
	dialled, bound := s.addresses(), s.Bound()
	all := bound.addresses()
	for k, text := range s.Listen.addresses() {
		if text == "" {
			continue
		}
		path := fmt.Sprintf("servers[%d].listen.%s", i, addressKeys[k])
		host, port, ok := SplitAddress(text)
		switch other := sameAs(all, k); {
		case !ok:
			errs = append(errs, notAnAddress(path, text))
		case hasZone(host):
			errs = append(errs, zoned(path, text))
		case dialled[k] == "":
			errs = append(errs, fieldError(path, ErrNotTogether, "%q, and %s has no address in %s; say there what others dial", text, s.Name, addressKeys[k]))
		case port == 0:
			errs = append(errs, fieldError(path, ErrBadAddress, "%q takes any free port, which nobody who dials %s would know; give one", text, dialled[k]))
		case other >= 0:
			errs = append(errs, fieldError(path, ErrAddressCollides, "%s is for %s of %s already; give another port", text, addressKeys[other], s.Name))
		}
	}
	return errs
}

// sameAs finds another place with the text of place k; -1 if there is none.
func sameAs(list [len(addressKeys)]string, k int) int {
	for other, text := range list {
		if other != k && text == list[k] {
			return other
		}
	}
	return -1
}
