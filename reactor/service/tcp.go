package service

import (
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/endpoints"
)

// StreamServerEndpointService listens while it runs:
// twisted/application/internet.py:320 StreamServerEndpointService. With
// endpoints.ServerFromString it is what Twisted's strports.service makes.
type StreamServerEndpointService struct {
	Base
	Endpoint endpoints.StreamServerEndpoint
	Factory  reactor.Factory

	port reactor.ListeningPort
}

// PrivilegedStartService listens already, as ports below 1024 may need.
func (s *StreamServerEndpointService) PrivilegedStartService() error { return s.StartService() }

// StartService listens, and returns why it cannot.
func (s *StreamServerEndpointService) StartService() (err error) {
	if s.port == nil {
		// An endpoint's Deferred has fired when Listen returns.
		s.Endpoint.Listen(s.Factory).AddBoth(func(port reactor.ListeningPort, failed error) (reactor.ListeningPort, error) {
			s.port, err = port, failed
			return nil, nil
		})
	}
	s.Running = err == nil
	return err
}

// StopService closes the port; connections live on. The Deferred fires when the
// port may be bound again.
func (s *StreamServerEndpointService) StopService() *deferred.Deferred[struct{}] {
	s.Running = false
	if s.port == nil {
		return nil
	}
	port := s.port
	s.port = nil
	return port.StopListening()
}

// Port is the open port, nil while it is closed.
func (s *StreamServerEndpointService) Port() reactor.ListeningPort { return s.port }

// TCPServer makes a service that listens on a port:
// twisted/application/internet.py:73 _AbstractServer. The arguments are those
// of ListenTCP.
func TCPServer(r reactor.TCP, port int, factory reactor.Factory, backlog int, iface string) *StreamServerEndpointService {
	return &StreamServerEndpointService{
		Endpoint: endpoints.TCP4ServerEndpoint{Reactor: r, Port: port, Backlog: backlog, Interface: iface},
		Factory:  factory,
	}
}

// TCPClient is connected while it runs, or tries to be:
// twisted/application/internet.py:137 _AbstractClient. The fields are the
// arguments of ConnectTCP.
type TCPClient struct {
	Base
	Reactor     reactor.TCP
	Host        string
	Port        int
	Factory     reactor.ClientFactory
	Timeout     time.Duration
	BindAddress reactor.Address

	connector reactor.Connector
}

// StartService starts to connect. There is no error; the factory hears how it
// goes.
func (c *TCPClient) StartService() error {
	c.connector = c.Reactor.ConnectTCP(c.Host, c.Port, c.Factory, c.Timeout, c.BindAddress)
	c.Running = true
	return nil
}

// StopService gives up the attempt, or loses the connection; it does not wait
// for that.
func (c *TCPClient) StopService() *deferred.Deferred[struct{}] {
	c.Running = false
	if c.connector != nil {
		c.connector.Disconnect()
		c.connector = nil
	}
	return nil
}
