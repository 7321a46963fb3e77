package peers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"proxyherd/herd/freeport"
)

// database is a kind of those that a server may keep its records in. One that runs is a
// Server too, for one server alone, and leaves nothing behind.
type database struct {
	name    string
	address string // what {database} is: a URL, but for HOST:PORT
	program func() (path string, err error)
	account string // under which it runs where we are root, as it refuses to be that; empty: ours
	prepare func(program, dir string) []string
	start   func(program, dir, host, port string) []string
}

// databases are all there are.
var databases = []database{
	{
		name: "redis", address: "redis://%s/0", program: redis,
		start: func(program, dir, host, port string) []string {
			return []string{program, "--bind", host, "--port", port, "--dir", dir, "--save", "", "--appendonly", "no", "--maxclients", "10000"}
		},
	},
	postgres("postgres", "on"),
	postgres("postgres-async", "off"),
}

// postgres commits to the disk before it says so, or a little later.
func postgres(name, commit string) database {
	return database{
		name: name, address: "postgres://herd@%s/postgres?sslmode=disable", program: postgresProgram, account: "postgres",
		prepare: func(program, dir string) []string {
			return []string{filepath.Join(filepath.Dir(program), "initdb"), "-D", dir, "-U", "herd", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"}
		},
		start: func(program, dir, host, port string) []string {
			return []string{
				program, "-D", dir, "-h", host, "-p", port, "-c", "unix_socket_directories=", "-c", "synchronous_commit=" + commit,
				// As a machine of this size would have it.
				"-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB",
			}
		},
	}
}

// databaseNamed finds one; nil if there is none of that name.
func databaseNamed(name string) *database {
	at := slices.IndexFunc(databases, func(d database) bool { return d.name == name })
	if at < 0 {
		return nil
	}
	return &databases[at]
}

func redis() (path string, err error) { return exec.LookPath("redis-server") }

// postgresProgram is the one that POSTGRES names, or the newest of those that Debian's
// packages have put where no path leads, or that of the path.
func postgresProgram() (path string, err error) {
	path = os.Getenv("POSTGRES")
	if found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); path == "" && err == nil && len(found) > 0 {
		path = found[len(found)-1]
	}
	return exec.LookPath(cmp.Or(path, "postgres"))
}

// as is the account that the database runs under; nil for ours.
func (d *database) as() (*syscall.Credential, error) {
	if d.account == "" || os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup(d.account)
	if err != nil {
		return nil, fmt.Errorf("%s does not run as root: %w", d.name, err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// find finds its program, and whom it runs as.
func (d *database) find() (program string, as *syscall.Credential, err error) {
	program, err = d.program()
	if err == nil {
		as, err = d.as()
	}
	return program, as, err
}

// run starts one on a free port of loopback, in a folder of its own, on the cores that
// its server has. It may not take connections yet: whoever connects waits for that.
func (d *database) run(ctx context.Context, s Settings) (running *Server, address string, err error) {
	program, as, err := d.find()
	if err != nil {
		return nil, "", err
	}
	// Another account cannot get into the settings' folder.
	dir, err := os.MkdirTemp("", "herd-"+d.name+"-")
	if err != nil {
		return nil, "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("starting %s: %w", d.name, err), os.RemoveAll(dir))
		}
	}()
	if as != nil {
		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			return nil, "", err
		}
	}
	if d.prepare != nil {
		args := d.prepare(program, dir)
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Credential: as}
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, "", fmt.Errorf("%s: %w\n%s", args[0], err, out)
		}
	}
	free, err := freeport.Find(1)
	if err != nil {
		return nil, "", err
	}
	host, port, err := net.SplitHostPort(free[0])
	if err != nil {
		return nil, "", err
	}
	running = &Server{Name: d.name, Address: free[0], dir: dir, as: as, done: make(chan struct{})}
	// Redis compares texts by the rules of its locale.
	s.Environment = append(slices.Clip(s.Environment), "LC_ALL=C")
	running.args, running.settings = d.start(program, dir, host, port), s
	if err := running.start(); err != nil {
		return nil, "", err
	}
	return running, fmt.Sprintf(d.address, free[0]), nil
}
