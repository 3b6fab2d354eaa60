/** What is used of comedy. Its own declarations are all `any`, and need the types that it was built with. */
declare module 'comedy' {
  export interface ActorRef {
    send(topic: string, message: object): Promise<void>;
  }

  export interface Actor extends ActorRef {
    createChild(behaviour: object, options: { readonly mode: 'in-memory' }): Promise<ActorRef>;
  }

  export interface ActorSystem {
    rootActor(): Promise<Actor>;
    destroy(): Promise<void>;
  }

  export function createSystem(options: { readonly test: boolean }): ActorSystem;
}
