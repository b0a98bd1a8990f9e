package storetest

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
)

// recorder is the testing.TB of one case: it notes what happens instead of
// failing a test, so that a case can run outside of one.
type recorder struct {
	testing.TB // none: only what is below is there
	ctx        context.Context
	name       string

	mu     sync.Mutex
	failed bool
	notRun string
	lines  []string
	clean  []func()
}

// guard runs f until it ends or fails. A panic is a failure.
func (r *recorder) guard(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		f()
	}()
	<-done
}

func (r *recorder) cleanUp() {
	for {
		r.mu.Lock()
		n := len(r.clean)
		if n == 0 {
			r.mu.Unlock()
			return
		}
		f := r.clean[n-1]
		r.clean = r.clean[:n-1]
		r.mu.Unlock()
		f()
	}
}

func (r *recorder) log(line string, fail bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
	r.failed = r.failed || fail
}

func (r *recorder) Name() string             { return r.name }
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Helper()                  {}
func (r *recorder) Log(args ...any)          { r.log(fmt.Sprint(args...), false) }
func (r *recorder) Logf(f string, a ...any)  { r.log(fmt.Sprintf(f, a...), false) }
func (r *recorder) Error(args ...any)        { r.log(fmt.Sprint(args...), true) }
func (r *recorder) Errorf(f string, a ...any) {
	r.log(fmt.Sprintf(f, a...), true)
}
func (r *recorder) Fatal(args ...any)         { r.Error(args...); r.FailNow() }
func (r *recorder) Fatalf(f string, a ...any) { r.Errorf(f, a...); r.FailNow() }

func (r *recorder) Fail() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
}

func (r *recorder) FailNow() {
	r.Fail()
	runtime.Goexit()
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clean = append(r.clean, f)
}

func (r *recorder) TempDir() string {
	dir, err := os.MkdirTemp("", "storetest")
	if err != nil {
		r.Fatalf("no temporary folder: %v", err)
	}
	r.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
