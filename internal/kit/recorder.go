package kit

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
)

// Recorder is the testing.TB of one case: it notes what happens instead of
// failing a test, so that a case can run outside of one. Failing and skipping end
// the goroutine that asks for it. It is safe for concurrent use.
type Recorder struct {
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
func (r *Recorder) guard(f func()) {
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

func (r *Recorder) cleanUp() {
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

func (r *Recorder) log(line string, fail bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
	r.failed = r.failed || fail
}

// NotRun notes why the case proves nothing.
func (r *Recorder) NotRun(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notRun = why
}

func (r *Recorder) Name() string             { return r.name }
func (r *Recorder) Context() context.Context { return r.ctx }
func (r *Recorder) Helper()                  {}
func (r *Recorder) Log(args ...any)          { r.log(fmt.Sprint(args...), false) }
func (r *Recorder) Logf(f string, a ...any)  { r.log(fmt.Sprintf(f, a...), false) }
func (r *Recorder) Error(args ...any)        { r.log(fmt.Sprint(args...), true) }
func (r *Recorder) Errorf(f string, a ...any) {
	r.log(fmt.Sprintf(f, a...), true)
}
func (r *Recorder) Fatal(args ...any)         { r.Error(args...); r.FailNow() }
func (r *Recorder) Fatalf(f string, a ...any) { r.Errorf(f, a...); r.FailNow() }
func (r *Recorder) Skip(args ...any)          { r.NotRun(fmt.Sprint(args...)); r.SkipNow() }
func (r *Recorder) Skipf(f string, a ...any)  { r.NotRun(fmt.Sprintf(f, a...)); r.SkipNow() }

func (r *Recorder) SkipNow() {
	r.mu.Lock()
	if r.notRun == "" {
		r.notRun = "it was skipped"
	}
	r.mu.Unlock()
	runtime.Goexit()
}

func (r *Recorder) Skipped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.notRun != ""
}

func (r *Recorder) Fail() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
}

func (r *Recorder) FailNow() {
	r.Fail()
	runtime.Goexit()
}

func (r *Recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *Recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clean = append(r.clean, f)
}

func (r *Recorder) TempDir() string {
	dir, err := os.MkdirTemp("", "kit")
	if err != nil {
		r.Fatalf("no temporary folder: %v", err)
	}
	r.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Together runs f in n goroutines and waits for them. A failure ends its
// goroutine, and then that of the caller.
func (r *Recorder) Together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
	if r.Failed() {
		r.FailNow()
	}
}
