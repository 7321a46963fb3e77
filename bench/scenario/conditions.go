package scenario

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Conditions are under what a report came about: what another needs to repeat it.
type Conditions struct {
	Machine  string            `json:"machine"` // a name of the folder of results
	Begun    time.Time         `json:"begun"`
	Took     Duration          `json:"took"`
	Kernel   string            `json:"kernel"`
	CPU      string            `json:"cpu"` // with what tells processors of one name apart
	Cores    int               `json:"cores"`
	Memory   int64             `json:"memory"` // bytes
	Files    uint64            `json:"files"`  // that a process may open
	Versions map[string]string `json:"versions"`
	Commit   string            `json:"commit"`
	Changed  bool              `json:"changed"` // the sources are not those of the commit
	Flags    []string          `json:"flags"`
	Size     string            `json:"size"`

	// Before and After are the machine's load averages over a minute: how much else it
	// had to do before, and what the run itself made of it.
	Before string `json:"load_before"`
	After  string `json:"load_after"`

	ServerCPUs    []int    `json:"server_cpus"`
	GeneratorCPUs []int    `json:"generator_cpus"`
	Lacks         []string `json:"lacks"`   // what peers do not do of the full job
	Missing       []string `json:"missing"` // peers that could not be measured, and why
}

// versionCommands tell the versions of the compilers.
var versionCommands = [][]string{{"go", "version"}, {"cc", "--version"}}

// described is the commit, and whether the sources are still its.
func (c *Conditions) described() string {
	if c.Changed {
		return c.Commit + " with changes"
	}
	return c.Commit
}

// Here are the conditions on this machine, now, of a run whose sources are in the folder
// root: what no peer is known of.
func Here(ctx context.Context, root string) Conditions {
	c := Conditions{
		Begun: time.Now().UTC().Truncate(time.Second), Cores: runtime.NumCPU(), Versions: map[string]string{},
		Flags: os.Args[1:], Before: loadAverage(),
	}
	c.ofMachine()
	for _, command := range versionCommands {
		if out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err == nil {
			first, _, _ := strings.Cut(string(out), "\n")
			c.Versions[command[0]] = strings.TrimSpace(first)
		}
	}
	c.ofSources(ctx, root)
	return c
}

// Ended takes note of when the run ended.
func (c *Conditions) Ended() {
	c.After = loadAverage()
	c.Took = Duration(time.Since(c.Begun).Round(time.Second))
}

// conditions are those of the run that begins.
func (p *playing) conditions(ctx context.Context) Conditions {
	c := Here(ctx, p.Place.Root)
	c.Size, c.Missing = p.Size, p.missing
	c.ServerCPUs, c.GeneratorCPUs = p.servers[:1], []int{p.core}
	for _, peer := range p.peers {
		if peer.Lacks != "" {
			c.Lacks = append(c.Lacks, peer.Title+": "+peer.Lacks)
		}
		if version := peer.Version(ctx); version != "" {
			c.Versions[peer.Title] = version
		}
	}
	c.Changed = c.Changed && !p.unchanged
	return c
}

func (c *Conditions) ofMachine() {
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		c.Kernel = unix.ByteSliceToString(name.Release[:])
	}
	cpuinfo, _ := os.ReadFile("/proc/cpuinfo") // without it the machine is named after its architecture
	c.CPU = processor(cpuinfo)
	c.Machine = machineName(fieldOf(cpuinfo, "model name"), c.Cores)
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		c.Memory = int64(info.Totalram) * int64(info.Unit)
	}
	var files unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &files) == nil {
		c.Files = files.Max
	}
}

func (c *Conditions) ofSources(ctx context.Context, root string) {
	git := func(args ...string) string {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", root}, args...)...).Output()
		if err != nil {
			return "" // the sources may have been unpacked from an archive
		}
		return strings.TrimSpace(string(out))
	}
	c.Commit = git("rev-parse", "HEAD")
	// Results are written into the same folder.
	c.Changed = git("status", "--porcelain", "--", ".", ":!bench/results") != ""
}

// machineName is a name for machines of this kind: "amd-epyc-2-cores".
func machineName(cpu string, cores int) string {
	var b strings.Builder
	for _, r := range strings.ToLower(cpu) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if text := b.String(); text != "" && !strings.HasSuffix(text, "-") {
			b.WriteByte('-')
		}
	}
	name := strings.Trim(b.String(), "-")
	if name == "" {
		name = runtime.GOARCH
	}
	return fmt.Sprintf("%s-%d-cores", name, cores)
}

func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// processor is what /proc/cpuinfo's text says of the first processor: its name, and its
// family and model where there are such numbers. A virtual machine's processor may be named
// after its maker alone, whatever its generation.
func processor(cpuinfo []byte) string {
	said := fieldOf(cpuinfo, "model name")
	if family, model := fieldOf(cpuinfo, "cpu family"), fieldOf(cpuinfo, "model"); said != "" && family != "" && model != "" {
		said += fmt.Sprintf(" (family %s, model %s)", family, model)
	}
	return said
}

// fieldOf is the value of the first "key : value" of a text.
func fieldOf(text []byte, key string) string {
	for line := range bytes.Lines(text) {
		if name, value, found := strings.Cut(string(line), ":"); found && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
