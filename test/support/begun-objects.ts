/** The bindings of objects that tests empty. */
export type ObjectBinding =
  | 'CONTROL'
  | 'LIMITER'
  | 'ORIGIN'
  | 'PROBER'
  | 'SESSIONS'
  | 'SHIELD'
  | 'ZONES'

interface BegunObject {
  readonly binding: ObjectBinding
  readonly id: DurableObjectId
}

const begun = new Map<string, BegunObject>()

type ObjectClass = new (ctx: DurableObjectState, env: never) => object

/** The same class, but the objects of which a process has begun are known. */
export function noted<Class extends ObjectClass>(binding: ObjectBinding, Base: Class): Class {
  return new Proxy(Base, {
    construct(target, args: ConstructorParameters<Class>, newTarget) {
      const { id } = args[0]
      begun.set(`${binding} ${id.toString()}`, { binding, id })
      return Reflect.construct(target, args, newTarget) as object
    },
  })
}

/** The objects of which a process has begun since this was last asked. */
export function takeBegun(): readonly BegunObject[] {
  const taken = [...begun.values()]
  begun.clear()
  return taken
}
