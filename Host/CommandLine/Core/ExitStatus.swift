internal import Foundations
internal import Supervisor

/// The exit statuses that scripts rely on; those of errors are `SluiceError.exitStatus`.
enum ExitStatus {
    static let done: Int32 = 0
    static let failure: Int32 = 1
    static let usage: Int32 = 2
    static let held: Int32 = 3
    static let policyBlock: Int32 = 4

    static func of(_ error: SluiceError) -> Int32 { error.exitStatus }

    /// Of a run that was driven or looked at.
    static func of(_ summary: RunSummary) -> Int32 {
        switch summary.state {
        case "done": done
        case "held": held
        default: summary.error.map { of($0) } ?? failure
        }
    }
}
