package neighbours

import (
	"fmt"

	"proxyherd/herd"
)

// Hub is the name of the server that is real.
const Hub = "Hub"

// Star is a server called Hub and so many others, which talk to it alone.
func Star(degree int) []herd.Server {
	servers := []herd.Server{{Name: Hub}}
	for i := range degree {
		other := herd.Server{Name: fmt.Sprintf("N%03d", i+1), TalksTo: []string{Hub}}
		servers[0].TalksTo = append(servers[0].TalksTo, other.Name)
		servers = append(servers, other)
	}
	return servers
}
