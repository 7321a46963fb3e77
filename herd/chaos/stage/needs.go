package stage

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Need is something that not every machine has, and that a fault cannot do without.
type Need string

// The needs.
const (
	Namespaces Need = "namespaces" // ip, and leave to make network namespaces
	NFT        Need = "nft"        // nftables, with numgen
	TBF        Need = "tbf"        // tc, and the kernel's token bucket
	Tmpfs      Need = "tmpfs"      // leave to mount a small disk
	Direct     Need = "direct"     // a link without a proxy: there is none on loopback
	AnyJournal Need = "journals"   // servers with journals
	Always     Need = "always"     // servers whose journal is safe before they answer
)

// Lacks says for each need that is not met why that is so.
type Lacks map[Need]string

// Missing returns what is missing of some needs, in words; "" if nothing is.
func (l Lacks) Missing(needs []Need) string {
	var why []string
	for _, n := range needs {
		if text := l[n]; text != "" && !slices.Contains(why, text) {
			why = append(why, text)
		}
	}
	return strings.Join(why, "; ")
}

// LacksAll is what a process lacks that may not touch the machine, and why.
func LacksAll(why string) Lacks {
	return Lacks{Namespaces: why, NFT: why, TBF: why, Tmpfs: why, Direct: why}
}

// Probe tries out what this process, which must be enclosed, can do to its network
// and its mounts.
func Probe(dir string) Lacks {
	lacks := Lacks{}
	// With nothing else there must be a loopback at least: ours is down at first.
	if err := run("ip", "link", "set", "lo", "up"); err != nil {
		return LacksAll(err.Error())
	}
	if err := hideNamespaces(); err != nil {
		return LacksAll(err.Error())
	}
	if err := together(run("ip", "netns", "add", "probe"), run("ip", "netns", "delete", "probe")); err != nil {
		return LacksAll(err.Error())
	}
	table := "add table inet probe; add chain inet probe c { type filter hook input priority 0; }; " +
		"add rule inet probe c iifname probe numgen random mod 100 < 1 drop; delete table inet probe"
	if err := run("nft", table); err != nil {
		lacks[NFT] = err.Error()
	}
	if err := together(run("tc", "qdisc", "add", "dev", "lo", "root", "tbf", "rate", "1gbit", "burst", "1mb", "latency", "1s"),
		run("tc", "qdisc", "delete", "dev", "lo", "root")); err != nil {
		lacks[TBF] = err.Error()
	}
	if err := tryTmpfs(dir); err != nil {
		lacks[Tmpfs] = err.Error()
	}
	return lacks
}

// hideNamespaces keeps the names of our network namespaces, which are files, to
// ourselves: nothing of the machine's is seen, and nothing of ours is left.
func hideNamespaces() error {
	// What is mounted from here on is nobody else's business.
	if err := mount("/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	const names = "/run/netns"
	if err := os.MkdirAll(names, 0o755); err != nil {
		// Somebody who is root in a user namespace alone cannot write there.
		if err := mount("/run", "tmpfs", 0, "size=1m"); err != nil {
			return err
		}
		return os.MkdirAll(names, 0o755)
	}
	return mount(names, "tmpfs", 0, "size=1m")
}

func tryTmpfs(dir string) error {
	at := filepath.Join(dir, "probe")
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	return together(
		mount(at, "tmpfs", 0, "size=64k"),
		mount(at, "", syscall.MS_REMOUNT, "size=4k"),
		syscall.Unmount(at, 0), os.Remove(at))
}

// mount mounts a file system, or changes what is mounted. The error says which.
func mount(at, kind string, flags uintptr, options string) error {
	if err := syscall.Mount("tmpfs", at, kind, flags, options); err != nil {
		return fmt.Errorf("mounting %s: %w", at, err)
	}
	return nil
}

func together(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// run carries a command out. The error holds what it said.
func run(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.Join(strings.Fields(string(out)), " "))
	}
	return nil
}
