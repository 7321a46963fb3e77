package endpoints

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"proxyherd/reactor"
)

// ServerFromString makes an endpoint of its description:
// twisted/internet/endpoints.py:1405 serverFromString. The arguments may be
// given in this order or by name; the types are
//
//	tcp:port:interface=address:backlog=number
//	tcp6:port:interface=address:backlog=number
//
// of which only port must be there. An error quotes the description; it is
// ErrUnqualified, ErrUnknownType, ErrArgument, ErrBadValue or
// ErrTrailingBackslash.
func ServerFromString(r reactor.TCP, text string) (StreamServerEndpoint, error) {
	endpoint, err := serverFromString(r, text)
	if err != nil {
		return nil, fmt.Errorf("the description %q of a server endpoint: %w", text, err)
	}
	return endpoint, nil
}

func serverFromString(r reactor.TCP, text string) (StreamServerEndpoint, error) {
	d, err := parse(text)
	if err != nil {
		return nil, err
	}
	if d.kind != "tcp" && d.kind != "tcp6" {
		return nil, fmt.Errorf("%w: %q is neither tcp nor tcp6", ErrUnknownType, d.kind)
	}
	args, err := d.arguments("port", "interface", "backlog")
	if err != nil {
		return nil, err
	}
	port, err := number(args, "port", 0, math.MaxUint16)
	if err != nil {
		return nil, err
	}
	backlog := defaultBacklog
	if _, given := args["backlog"]; given {
		if backlog, err = number(args, "backlog", 1, math.MaxInt32); err != nil {
			return nil, err
		}
	}
	if d.kind == "tcp6" {
		return TCP6ServerEndpoint{r, port, backlog, args["interface"]}, nil
	}
	return TCP4ServerEndpoint{r, port, backlog, args["interface"]}, nil
}

// ClientFromString makes an endpoint of its description:
// twisted/internet/endpoints.py:1660 clientFromString. The one type, in
// whatever case, is
//
//	tcp:host:port:timeout=seconds:bindAddress=address
//
// where the arguments may be given by name; then one given without a name is
// the other of host and port. The errors are those of ServerFromString.
func ClientFromString(r reactor.TCP, text string) (StreamClientEndpoint, error) {
	endpoint, err := clientFromString(r, text)
	if err != nil {
		return nil, fmt.Errorf("the description %q of a client endpoint: %w", text, err)
	}
	return endpoint, nil
}

func clientFromString(r reactor.TCP, text string) (StreamClientEndpoint, error) {
	d, err := parse(text)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(d.kind, "tcp") {
		return nil, fmt.Errorf("%w: %q is not tcp", ErrUnknownType, d.kind)
	}
	names := []string{"host", "port", "timeout", "bindAddress"}
	if d.named("host") {
		names[0], names[1] = names[1], names[0] // one without a name is the port
	}
	args, err := d.arguments(names...)
	if err != nil {
		return nil, err
	}
	if args["host"] == "" {
		return nil, fmt.Errorf("%w: host is missing", ErrArgument)
	}
	endpoint := TCP4ClientEndpoint{Reactor: r, Host: args["host"], Timeout: defaultTimeout}
	if endpoint.Port, err = number(args, "port", 1, math.MaxUint16); err != nil {
		return nil, err
	}
	if _, given := args["timeout"]; given {
		seconds, err := number(args, "timeout", 1, math.MaxInt32)
		if err != nil {
			return nil, err
		}
		endpoint.Timeout = time.Duration(seconds) * time.Second
	}
	if bind := args["bindAddress"]; bind != "" {
		endpoint.BindAddress = reactor.IPv4Address{Host: bind}
	}
	return endpoint, nil
}

// named reports whether an argument was given by name.
func (d description) named(key string) bool {
	for _, k := range d.keywords {
		if k.key == key {
			return true
		}
	}
	return false
}

// number is the argument called name, which must be there and within bounds.
func number(args map[string]string, name string, least, most int) (int, error) {
	text, given := args[name]
	if !given {
		return 0, fmt.Errorf("%w: %s is missing", ErrArgument, name)
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%w: %s is %q, it must be a number from %d to %d", ErrBadValue, name, text, least, most)
	}
	return n, nil
}
