internal import CommandLineCore
internal import Conformance
internal import Foundations
internal import Glibc
internal import Supervisor

// Before any thread is there: whoever sets it could read what is sent over TLS, credentials too.
unsetenv("SSLKEYLOGFILE")
// A core of this process would hold rows that nobody masked.
var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)
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
