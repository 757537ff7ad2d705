package import ClassAds

extension EvaluationEnvironment {
    /// The environment of an evaluation at the model's own time.
    package static func at(_ now: Int64) -> EvaluationEnvironment {
        var environment = EvaluationEnvironment.system
        environment.now = now
        return environment
    }
}
