package fault

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/chaos/stage"
	"proxyherd/herd/wirelog"
)

// hellos are what a neighbour could say first to the server that is hit.
func (h *Hit) hellos() (lines []string) {
	me, _ := h.Stage.Config.Server(h.server())
	for _, from := range me.TalksTo {
		lines = append(lines, hello(h.Stage.Config.Herd, from, h.server(), h.Random))
	}
	return lines
}

// hello is what a server says that dials another.
func hello(name, from, to string, random *rand.Rand) string {
	line := herd.Hello{
		Herd: name, From: from, To: to, Role: herd.Dialler, Future: herd.Default().Future, Boot: herd.Boot(random.Uint64()),
	}
	for i := range line.Nonce {
		line.Nonce[i] = byte(random.Uint32())
	}
	return string(line.AppendLine(nil))
}

var forgedProofs = Fault{
	Name: "forged-proofs", What: "handshakes with proofs that are made up, or taken from another connection",
	Aim: aServer, Least: time.Second, Most: 4 * time.Second,
	Start: func(ctx context.Context, h *Hit) (func() error, error) {
		overheard := overhear(h.Stage, h.server())
		return inBackground(ctx, func(ctx context.Context) {
			for i := 0; ctx.Err() == nil; i++ {
				hellos := h.hellos()
				first, second := hellos[i%len(hellos)], fmt.Sprintf("PROVE %064x\n", h.Random.Uint64())
				if len(overheard) > 0 && i%2 == 0 {
					pair := overheard[h.Random.IntN(len(overheard))]
					first, second = pair[0], pair[1]
				}
				if answer := h.shakeHands(ctx, first, second); strings.HasPrefix(answer, "PROVE ") {
					h.Stage.Wrong("%s took a proof that is none: it answered %q to %q", h.server(), answer, first+second)
				}
				nap(ctx, 20*time.Millisecond)
			}
		}), nil
	},
}

// shakeHands says two lines and returns the answer to the second.
func (h *Hit) shakeHands(ctx context.Context, first, second string) string {
	conn := h.call(ctx, stage.PeerPort)
	if conn == nil {
		return ""
	}
	defer h.hang(conn)
	_ = conn.SetDeadline(time.Now().Add(strangerPatience))
	if _, err := conn.Write([]byte(first)); err != nil {
		return ""
	}
	answers := bufio.NewReader(conn)
	if _, err := answers.ReadString('\n'); err != nil {
		return ""
	}
	if _, err := conn.Write([]byte(second)); err != nil {
		return ""
	}
	answer, _ := answers.ReadString('\n')
	return answer
}

// enoughHeard is how many records of a log are looked at for handshakes.
const enoughHeard = 20_000

// overhear finds handshakes that others had with a server, in its log: what a dialler
// said first and second.
func overhear(s *stage.Stage, server string) (pairs [][2]string) {
	paths, err := s.Logs(server)
	if err != nil || len(paths) == 0 {
		return nil
	}
	// The newest, as older ones may be renamed while they are read.
	log, err := os.Open(paths[len(paths)-1])
	if err != nil {
		return nil
	}
	defer log.Close()
	said := map[uint64]string{}
	looked := 0
	for entry, err := range wirelog.Scan(log) {
		if looked++; looked > enoughHeard {
			break
		}
		if err != nil || entry.Kind != wirelog.Peer || entry.Mark != wirelog.In || entry.End != wirelog.EndLine {
			continue
		}
		switch line := string(entry.Text); {
		case strings.HasPrefix(line, "HELLO ") && slices.Contains(strings.Fields(line), string(herd.Dialler)):
			said[entry.Conn] = line + "\n"
		case strings.HasPrefix(line, "PROVE ") && said[entry.Conn] != "":
			pairs = append(pairs, [2]string{said[entry.Conn], line + "\n"})
		}
	}
	return pairs
}
