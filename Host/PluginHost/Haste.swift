internal import Foundations

/// How long the start of a process may take for the one who waits for it, whatever its settings allow.
struct Haste {
    /// Monotonic nanoseconds of the settings' context.
    let deadline: UInt64
    /// End the start once one of them is raised.
    let stops: [StopSignal]
}

extension PluginProcess {
    /// Begins a start in haste; nil ends it.
    func hurry(_ haste: Haste?) {
        self.haste = haste
        otherStops = haste?.stops ?? []
    }

    /// The seconds that a step of the start has, and whether it is the caller who has no more of them.
    func startSeconds(_ allowed: Double) -> (seconds: Double, isCallers: Bool) {
        guard let haste else { return (allowed, false) }
        let now = settings.context.monotonic()
        let left = Double(haste.deadline - min(now, haste.deadline)) / 1e9
        return (min(allowed, left), left < allowed)
    }
}
