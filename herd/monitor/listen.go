package monitor

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// ErrNotLoopback is an address that other machines could reach, without a token
// that they would have to know.
var ErrNotLoopback = errors.New("the status page is served on loopback only, unless it asks for a token")

// Listen opens address, which is "host:port"; port 0 is any free port. Beyond
// loopback there must be a token. The error wraps ErrNotLoopback, or is the
// system's. The listener is the caller's, to be closed or given to Serve.
func Listen(address string, token Token) (net.Listener, error) {
	if err := CheckAddress(address); err != nil && (token.IsZero() || !errors.Is(err, ErrNotLoopback)) {
		return nil, err
	}
	// Every IPv4 address would else be every address of IPv6 too.
	network := "tcp"
	if at, err := netip.ParseAddrPort(address); err == nil && at.Addr().Is4() {
		network = "tcp4"
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		return nil, fmt.Errorf("the http port: %w", err)
	}
	return listener, nil
}

// CheckAddress returns an error that wraps ErrNotLoopback unless the host of
// address is a loopback address or localhost: such an address needs a token. An
// empty host is every interface, and so needs one too.
func CheckAddress(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("the http port: %w", err)
	}
	if host == "localhost" {
		return nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.Unmap().IsLoopback() {
		return fmt.Errorf("%w: %q is not; name a file with a token in http_token_file, "+
			"or write 127.0.0.1 or [::1] before the port and reach it through a tunnel", ErrNotLoopback, address)
	}
	return nil
}
