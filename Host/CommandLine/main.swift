internal import CommandLineCore
internal import Foundations
internal import Glibc
internal import Supervisor

// Before any thread is there: whoever sets it could read what is sent over TLS, credentials too.
unsetenv("SSLKEYLOGFILE")
Interruption.catchBrokenPipes()
let context = Context.system
let program = Program(
    context: context, console: .standard(environment: context.environment), interruption: .signals
) { (home: String?, context: Context) throws(SluiceError) -> any Service in
    try RunService(home: home, context: context)
}
exit(program.run(Array(CommandLine.arguments.dropFirst())))
