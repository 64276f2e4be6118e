internal import CommandLineCore
internal import Conformance
internal import Foundations
internal import Glibc
internal import Supervisor

// Before any thread is there: whoever sets it could read what is sent over TLS, credentials too.
unsetenv("SSLKEYLOGFILE")
// A core of this process would hold rows that nobody masked, and the Swift run time's report of a crash shows memory behind
// the registers: it is for those who ask for it by name. Without it a signal that ends a process ends this one.
// A limit of 1 byte, core(5): the kernel writes no file that short, and pipes nothing to a program either, as it would with 0.
var noCore = rlimit(rlim_cur: 1, rlim_max: 1)
if setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore) != 0 {
    noCore = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)
}
if getenv("SWIFT_BACKTRACE") == nil {
    for number in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGTRAP] { signal(number, SIG_DFL) }
}
Interruption.catchBrokenPipes()
// The process of one check of the conformance suite is this program again.
if let status = CheckProgram.run(Array(CommandLine.arguments.dropFirst())) { exit(status) }
let context = Context.system
let program = Program(
    context: context, console: .standard(environment: context.environment), interruption: .signals
) { (home: String?, context: Context) throws(SluiceError) -> any Service in
    try RunService(home: home, context: context)
}
exit(program.run(Array(CommandLine.arguments.dropFirst())))
