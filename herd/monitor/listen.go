package monitor

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// ErrNotLoopback is an address that other machines could reach.
var ErrNotLoopback = errors.New("the status page is served on loopback only")

// Listen opens address, which is "host:port"; port 0 is any free port. The error
// wraps ErrNotLoopback, or is the system's. The listener is the caller's, to be
// closed or given to Serve.
func Listen(address string) (net.Listener, error) {
	if err := CheckAddress(address); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("the status page: %w", err)
	}
	return listener, nil
}

// CheckAddress returns an error that wraps ErrNotLoopback unless the host of
// address is a loopback address or localhost. An empty host is every interface,
// and so is refused.
func CheckAddress(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("the status page: %w", err)
	}
	if host == "localhost" {
		return nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.Unmap().IsLoopback() {
		return fmt.Errorf("%w: %q is not; write 127.0.0.1 or [::1] before the port, "+
			"and reach it from elsewhere through a tunnel", ErrNotLoopback, address)
	}
	return nil
}
